//! Properties that proptest draws cases for: how many, from which spectra, and for all four types.
//! Ground floor of the tests; must not know a property.

use proptest::prelude::Strategy;
use proptest::test_runner::{Config, RngSeed};

use super::generate::Spectrum;

/// A fixed seed, so that a failure is the same everywhere, and no file beside the sources.
pub fn config() -> Config {
    Config { cases: 48, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() }
}

pub fn spectra() -> impl Strategy<Value = Spectrum> {
    (0..Spectrum::ALL.len()).prop_map(|i| Spectrum::ALL[i])
}

/// One property in all four types.
macro_rules! in_each_type {
    ($($name:ident($($arg:ident in $strategy:expr),+);)+) => {
        mod each {
            use super::*;
            proptest::prelude::proptest! {
                #![proptest_config($crate::suite::drawn::config())]
                $(
                    #[test]
                    fn $name($($arg in $strategy),+) {
                        super::$name::<f32>($($arg),+)?;
                        super::$name::<f64>($($arg),+)?;
                        super::$name::<$crate::suite::generate::C32>($($arg),+)?;
                        super::$name::<$crate::suite::generate::C64>($($arg),+)?;
                    }
                )+
            }
        }
    };
}

pub(super) use in_each_type;
