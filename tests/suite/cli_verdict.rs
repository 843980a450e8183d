//! Tests of what `lapwing compare` advises: on real tables with a fault put into them it must name the columns that the
//! fault is in, on good ones it must be silent, and who follows the advice must get what it promises.

use serde_json::{Value, json as value};

use super::cli_run::{file, good, json};
use super::generate::Rng;

const LONGLEY: &str = include_str!("../../data/nist/Longley.csv");

/// Yarn of three polymers in parts of 1: its elongation (Cornell, Experiments with Mixtures; NIST/SEMATECH e-Handbook of
/// Statistical Methods, §5.5.4.2).
const YARN: &str = "ethylene,styrene,propylene,elongation
1,0,0,11.0\n1,0,0,12.4\n0.5,0.5,0,15.0\n0.5,0.5,0,14.8\n0.5,0.5,0,16.1\n0,1,0,8.8\n0,1,0,10.0\n0,0.5,0.5,10.0
0,0.5,0.5,9.7\n0,0.5,0.5,11.8\n0,0,1,16.8\n0,0,1,16.0\n0.5,0,0.5,17.7\n0.5,0,0.5,16.4\n0.5,0,0.5,16.6\n";

/// Anscombe's first data set (The American Statistician 27 (1973)).
const ANSCOMBE: &str =
    "x,y\n10,8.04\n8,6.95\n13,7.58\n9,8.81\n11,8.33\n14,9.96\n6,7.24\n4,4.26\n12,10.84\n7,4.82\n5,5.68\n";

/// Longley's table, y first, with another column behind x6.
fn longley_with(name: &str, column: impl FnMut(&[f64]) -> f64) -> String {
    append(LONGLEY, name, column)
}

fn append(table: &str, name: &str, mut column: impl FnMut(&[f64]) -> f64) -> String {
    let mut lines = table.lines();
    let header = lines.next().expect("a header");
    let row = |line: &str| {
        let numbers: Vec<f64> = line.split(',').map(|x| x.parse().expect("a number")).collect();
        format!("{line},{}\n", column(&numbers))
    };
    format!("{header},{name}\n{}", lines.map(row).collect::<String>())
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The advice of one action, in the comparison with an exact reference and in the one without.
fn both(test: &str, table: &str, options: &[&str], action: &str) -> [Value; 2] {
    file(test, "data.csv", table);
    [&["--json"][..], &["--json", "--reference", "none"]].map(|more| {
        let report = json(test, &[&["compare", "data.csv"], options, more].concat());
        let advice = report["verdict"]["advice"].as_array().expect("a list");
        advice.iter().find(|a| a["action"] == action).unwrap_or_else(|| panic!("{report}")).clone()
    })
}

#[test]
fn a_fault_put_into_longley_is_named() {
    let mut rng = Rng::new(1);
    let noisy = longley_with("x7", |row| 2.54 * row[3] * (1.0 + 1e-9 * rng.normal()));
    for (test, table, exact, near, which) in [
        ("twice", longley_with("x7", |row| row[3]), "x7 = x3", "x7 ≈ x3", "one of x3, x7"),
        ("sum", longley_with("x7", |row| row[3] + row[4]), "x7 = x3 + x4", "x7 ≈ x3 + x4", "one of x3, x4, x7"),
        ("mixed", longley_with("x7", |r| 2.0 * r[2] - r[5]), "x7 = 2·x2 − x5", "x7 ≈ 2·x2 − x5", "one of x2, x5, x7"),
        ("constant", longley_with("x7", |_| 7.0), "x7 = 7·(intercept)", "x7 ≈ 7·(intercept)", "x7"),
        ("units", noisy, "x7 ≈ 2.54·x3", "x7 ≈ 2.54·x3", "one of x3, x7"),
    ] {
        let test = &format!("verdict_{test}");
        for (advice, formula) in both(test, &table, &["-y", "y"], "drop").iter().zip([exact, near]) {
            assert_eq!(advice["columns"], value!(["x7"]), "{advice}");
            let text = advice["text"].as_str().expect("a sentence");
            assert!(text.starts_with(formula) && text.contains(&format!(": leave out {which}; ")), "{text}");
            // What is left is Longley's own table.
            file(test, "longley.csv", LONGLEY);
            let own = json(test, &["compare", "longley.csv", "-y", "y", "--json"]);
            let (promised, kept) = (&advice["kappa2_after"], &own["condition"]["kappa2_scaled"]);
            let ratio = promised.as_f64().expect("a number") / kept.as_f64().expect("a number");
            assert!((ratio - 1.0).abs() < 1e-9, "{advice}");
        }
    }
}

#[test]
fn two_faults_at_once_are_told_apart() {
    let table = append(&longley_with("x7", |row| row[1]), "x8", |row| row[3] - row[4]);
    for advice in both("verdict_two", &table, &["-y", "y"], "drop") {
        assert_eq!(advice["columns"].as_array().map(Vec::len), Some(2), "{advice}");
        let text = advice["text"].as_str().expect("a sentence").replace('≈', "=");
        assert!(text.contains("x7 = x1") && text.contains("x8 = x3 − x4"), "{text}");
        assert!(text.contains("leave out one column of each"), "{text}");
    }
    // One that is exact and one that is near.
    let mut rng = Rng::new(2);
    let table = append(&longley_with("x7", |row| row[1]), "x8", |row| row[4] * (1.0 + 1e-7 * rng.normal()));
    for advice in both("verdict_two", &table, &["-y", "y"], "drop") {
        assert_eq!(advice["columns"], value!(["x7", "x8"]), "{advice}");
    }
}

#[test]
fn groups_and_mixtures_beside_an_intercept() {
    let group = |k: usize| move |row: &[f64]| f64::from(row[6] as usize % 3 == k);
    let table = (0..3).fold(LONGLEY.to_string(), |table, k| append(&table, ["a", "b", "c"][k], group(k)));
    for advice in both("verdict_groups", &table, &["-y", "y", "-x", "x1,a,b,c"], "drop") {
        let text = advice["text"].as_str().expect("a sentence").replace('≈', "=");
        assert!(text.starts_with("c = (intercept) − a − b"), "{text}");
        assert!(text.contains("leave out one of a, b, c; "), "{text}");
    }
    for advice in both("verdict_yarn", YARN, &[], "drop") {
        let text = advice["text"].as_str().expect("a sentence").replace('≈', "=");
        assert!(text.starts_with("propylene = (intercept) − ethylene − styrene"), "{text}");
    }
}

#[test]
fn good_tables_get_no_advice() {
    let test = "verdict_good";
    let mut rng = Rng::new(3);
    let row = |_| (0..6).map(|_| format!("{:.4}", 5.0 + rng.normal())).collect::<Vec<_>>().join(",") + "\n";
    let random = "a,b,c,d,e,y\n".to_string() + &(0..40).map(row).collect::<String>();
    let norris = include_str!("../../data/nist/Norris.csv");
    for (table, options) in [
        (ANSCOMBE, &["-y", "y"][..]),
        (ANSCOMBE, &["--poly", "2"]),
        (YARN, &["--no-intercept"]),
        (norris, &["-y", "y"]),
        (&random, &[]),
    ] {
        file(test, "data.csv", table);
        for more in [&["--json"][..], &["--json", "--reference", "none"]] {
            let report = json(test, &[&["compare", "data.csv"], options, more].concat());
            assert_eq!(report["verdict"]["advice"], value!([]), "{table}");
            assert_eq!(report["verdict"]["near_dependences"], value!([]), "{table}");
        }
        assert!(!good(test, &[&["compare", "data.csv"], options].concat()).contains("Advice"));
    }
}

/// Longley's columns are far from 0, Filip's are powers; who follows the advice gets the κ₂ that it promises, and digits.
#[test]
fn centred_columns_keep_the_promise() {
    let [advice, _] = both("verdict_centre", LONGLEY, &["-y", "y"], "centre");
    let rows: Vec<Vec<f64>> =
        LONGLEY.lines().skip(1).map(|line| line.split(',').map(|x| x.parse().expect("a number")).collect()).collect();
    let mean = |j: usize| rows.iter().map(|row| row[j]).sum::<f64>() / rows.len() as f64;
    let means: Vec<f64> = (0..7).map(|j| if j == 0 { 0.0 } else { mean(j) }).collect();
    let line = |row: &Vec<f64>| {
        row.iter().zip(&means).map(|(x, mean)| format!("{:e}", x - mean)).collect::<Vec<_>>().join(",") + "\n"
    };
    file("verdict_centre", "centred.csv", format!("y,a,b,c,d,e,f\n{}", rows.iter().map(line).collect::<String>()));
    let centred = json("verdict_centre", &["compare", "centred.csv", "-y", "y", "--json"]);
    let kappa = centred["condition"]["kappa2_scaled"].as_f64().expect("a number");
    assert!((advice["kappa2_after"].as_f64().expect("a number") / kappa - 1.0).abs() < 1e-6, "{advice}, {kappa}");
    let advice = centred["verdict"]["advice"].as_array().expect("a list");
    assert!(advice.iter().all(|a| a["action"] == "rescale"), "{advice:?}");
    assert!(centred["methods"][0]["digits"].as_f64() > Some(10.0), "the normal equations had 7.2");
}

#[test]
fn polynomials_get_another_basis() {
    let filip = include_str!("../../data/nist/Filip.csv");
    for advice in both("verdict_filip", filip, &["-y", "y", "--poly", "10"], "orthogonalize") {
        let after = advice["kappa2_after"].as_f64().expect("a number");
        assert!((after - 1.0).abs() < 1e-6 && advice["columns"] == value!(["x"]), "{advice}");
        let text = advice["text"].as_str().expect("a sentence");
        assert!(text.contains("; powers of x shifted and scaled to [−1, 1] have 1.76e3"), "{text}");
    }
    // The κ₂ of the shifted powers, from a table of them.
    let x: Vec<(f64, f64)> = filip
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(y, x)| (x.parse().expect("a number"), y.parse().expect("a number")))
        .collect();
    let (least, most) = x.iter().fold((f64::MAX, f64::MIN), |(l, m), (x, _)| (l.min(*x), m.max(*x)));
    let line = |(x, y): &(f64, f64)| format!("{:e},{y:e}\n", (2.0 * x - least - most) / (most - least));
    file("verdict_filip", "shifted.csv", format!("t,y\n{}", x.iter().map(line).collect::<String>()));
    let shifted = json("verdict_filip", &["compare", "shifted.csv", "--poly", "10", "--json"]);
    let kappa = shifted["condition"]["kappa2_scaled"].as_f64().expect("a number");
    assert!((kappa / 1.76e3 - 1.0).abs() < 5e-3, "{kappa}");
}

/// Pontius: the SVD, which sees the columns as they are, has half the digits of the others.
#[test]
fn units_that_hurt_the_svd_are_named() {
    let pontius = include_str!("../../data/nist/Pontius.csv");
    let [advice, _] = both("verdict_pontius", pontius, &["-y", "y", "--poly", "2"], "rescale");
    assert!(advice["kappa2_before"].as_f64() > Some(1e13) && advice["kappa2_after"].as_f64() < Some(20.0), "{advice}");
    let report =
        json("verdict_pontius", &["compare", "data.csv", "-y", "y", "--poly", "2", "--methods", "ne,qr", "--json"]);
    assert_eq!(report["verdict"]["advice"], value!([]), "nobody asked for the SVD");
}

/// The last line says what to do, and the paragraph above it why, with at most two pieces of advice.
#[test]
fn the_verdict_is_one_line_with_reasons_above() {
    let test = "verdict_text";
    file(test, "data.csv", longley_with("x7", |row| row[3]));
    let text = good(test, &["compare", "data.csv", "-y", "y"]);
    let mut paragraphs = text.trim_end().rsplit("\n\n");
    let (last, why) = (paragraphs.next().expect("the verdict"), words(paragraphs.next().expect("the reasons")));
    let expected = "verdict: use svd (the shortest of many answers); better: leave out one of x3, x7 (x7 = x3), then subtract \
                    from each column its mean";
    assert_eq!(last, expected);
    assert!(why.starts_with("The columns are linearly dependent in exact arithmetic"), "{why}");
    let advice = "Advice: x7 = x3: leave out one of x3, x7; without x7 κ₂(AD⁻¹) is 4.33e4. \
                  Then subtract from each column its mean: κ₂(AD⁻¹) falls from 4.33e4 to 111.";
    assert!(why.ends_with(advice), "{why}");
    assert!(text.lines().all(|line| line == last || line.chars().count() <= 80), "{text}");
    let near = &json(test, &["compare", "data.csv", "-y", "y", "--json"])["verdict"]["near_dependences"][0];
    assert_eq!((&near["column"], &near["combination"][0]["column"]), (&value!("x7"), &value!("x3")));
    assert!((near["combination"][0]["coefficient"].as_f64().expect("a number") - 1.0).abs() < 1e-12, "{near}");
}

/// What each kind of verdict says to do, in one line that begins with the method of JSON.
#[test]
fn the_last_line_can_be_acted_on() {
    let test = "verdict_line";
    let line = |table: &str, options: &[&str]| {
        file(test, "data.csv", table);
        let text = good(test, &[&["compare", "data.csv"], options].concat());
        let line = text.trim_end().rsplit('\n').next().expect("a line").to_string();
        let report = json(test, &[&["compare", "data.csv", "--json"], options].concat());
        assert_eq!(line, format!("verdict: {}", report["verdict"]["summary"].as_str().expect("a line")));
        line
    };
    let digits = |line: &str, after: &str| -> f64 {
        line.split_once(after)
            .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
            .unwrap_or_else(|| panic!("{line}"))
    };
    let longley = line(LONGLEY, &["-y", "y"]);
    assert!(longley.starts_with("verdict: use qr ("), "{longley}");
    assert!(longley.ends_with(" certain); better: subtract from each column its mean"), "{longley}");
    assert!(digits(&longley, "(") > 9.0 && digits(&longley, "right, ") > 9.0, "{longley}");
    let without = line(LONGLEY, &["-y", "y", "--reference", "none"]);
    assert!(without.contains(" digits certain); better:") && digits(&without, "(") > 9.0, "{without}");
    let filip = line(include_str!("../../data/nist/Filip.csv"), &["-y", "y", "--poly", "10"]);
    assert!(filip.ends_with("; better: use polynomials in x that are orthogonal on the data"), "{filip}");
    let hopeless =
        "u,v,y\n1,1.00000000000000003,1\n2,2.00000000000000001,3\n3,3.00000000000000005,2\n4,4.00000000000000002,5\n";
    let none = line(hopeless, &["--methods", "svd"]);
    assert!(none.starts_with("verdict: use none of these answers (") && none.contains("; better: leave out"), "{none}");
}

/// A response that is 1.1·x to 17 digits: what is left for z and the intercept is 1e-16, no digit of which any method finds, and
/// that is no reason not to use the others.
#[test]
fn coefficients_that_are_zero_spoil_no_answer() {
    let test = "verdict_zeros";
    let mut rng = Rng::new(5);
    let row = |_| {
        let (x, z) = ((1e3 * (10.0 + 3.0 * rng.normal())).round() / 1e3, (1e3 * rng.normal()).round() / 1e3);
        format!("{x},{z},{:.17e}\n", 1.1 * x)
    };
    file(test, "data.csv", "x,z,y\n".to_string() + &(0..30).map(row).collect::<String>());
    let report = json(test, &["compare", "data.csv", "--json"]);
    assert_eq!(report["reference"]["kind"], "exact-decimal");
    let each =
        |m: &Value| -> Vec<f64> { serde_json::from_value(m["digits_per_coefficient"].clone()).expect("numbers") };
    for m in report["methods"].as_array().expect("a list") {
        assert!(each(m)[0] < 1.0 && each(m)[2] < 1.0 && each(m)[1] > 13.0, "{m}");
        assert_eq!(m["digits"].as_f64(), Some(each(m)[1]), "{m}");
    }
    for key in ["not_counted", "without_digits"] {
        assert_eq!(report["verdict"][key], value!(["(intercept)", "z"]));
    }
    assert!(!report["verdict"]["method"].is_null(), "{report}");
    let text = good(test, &["compare", "data.csv"]);
    let last = "; no digit right of (intercept), z, below the rounding of the data)";
    assert!(text.trim_end().ends_with(last), "{text}");
    let why = "Not counted, below the rounding errors of the data, without a right digit: (intercept), z.";
    assert!(words(&text).contains(why), "{text}");
}

/// Twelve columns, and twelve that are the same but for 1e-7: all twelve have to go.
#[test]
fn of_many_near_dependences_some_are_listed_and_all_are_counted() {
    let test = "verdict_many";
    let mut rng = Rng::new(6);
    let row = |_| {
        let u: Vec<f64> = (0..12).map(|_| (1e3 * rng.normal()).round() / 1e3).collect();
        let v: Vec<f64> = u.iter().map(|u| u * (1.0 + 1e-7 * rng.normal())).collect();
        let numbers: Vec<String> = u.iter().chain(&v).map(|x| format!("{x:.12}")).collect();
        format!("{},{:.3}\n", numbers.join(","), rng.normal())
    };
    let names: Vec<String> = ["u", "v"].iter().flat_map(|c| (0..12).map(move |j| format!("{c}{j}"))).collect();
    file(test, "data.csv", format!("{},y\n{}", names.join(","), (0..60).map(row).collect::<String>()));
    let verdict = &json(test, &["compare", "data.csv", "--json"])["verdict"];
    assert_eq!(verdict["near_dependences"].as_array().map(Vec::len), Some(8));
    assert_eq!(verdict["more_near_dependences"], 4);
    let drop = &verdict["advice"][0];
    let mut columns: Vec<String> = serde_json::from_value(drop["columns"].clone()).expect("names");
    columns.sort();
    let mut expected: Vec<String> = (0..12).map(|j| format!("v{j}")).collect();
    expected.sort();
    assert_eq!(columns, expected);
    assert!(drop["kappa2_before"].as_f64() > Some(1e6) && drop["kappa2_after"].as_f64() < Some(100.0), "{drop}");
    assert!(
        drop["text"].as_str().is_some_and(|text| text.contains(" and 4 more: leave out one column of each")),
        "{drop}"
    );
}

/// What is left of the least singular value of dependent columns are rounding errors: no figure, but what it exceeds.
#[test]
fn condition_numbers_without_a_digit_are_not_printed() {
    let test = "verdict_kappa";
    file(test, "data.csv", longley_with("x7", |row| row[3]));
    let condition = &json(test, &["compare", "data.csv", "-y", "y", "--reference", "none", "--json"])["condition"];
    for key in ["kappa2", "kappa2_gram", "kappa2_scaled", "problem"] {
        assert!(condition[key].is_null(), "{key}: {condition}");
    }
    for key in ["kappa2_above", "kappa2_scaled_above"] {
        assert!(condition[key].as_f64().is_some_and(|above| above > 1e13 && above < 1e16), "{condition}");
    }
    let text = good(test, &["compare", "data.csv", "-y", "y", "--reference", "none"]);
    assert!(text.contains("κ₂(A)       > 1e14   condition number of A\n"), "{text}");
    // Where exact arithmetic knows them to be dependent there is no number at all.
    let condition = &json(test, &["compare", "data.csv", "-y", "y", "--json"])["condition"];
    assert!(condition["kappa2"].is_null() && condition["kappa2_above"].is_null(), "{condition}");
    // Columns of very different length have a large κ₂ that is right in all digits shown: 1e20 by hand.
    file(test, "data.csv", "u,v,y\n1,1e20,1\n1,-1e20,2\n1,1e20,3\n1,-1e20,5\n");
    let condition = &json(test, &["compare", "data.csv", "--no-intercept", "--json"])["condition"];
    assert!((condition["kappa2"].as_f64().expect("a number") / 1e20 - 1.0).abs() < 1e-12, "{condition}");
}
