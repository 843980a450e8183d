//! The command `lapwing params`: the free parameters of a matrix or a factorization, and what a low rank saves.
//!
//! Top floor. Words and tables around the library's counts; it must not count.

use lapwing::params::{self, Count, Field, LowRank, WeightUpdate};
use serde::Serialize;

use super::args::{ParamsArgs, SetName};
use super::fault::Fault;
use super::output;
use super::text;

/// The version of the keys below.
const SCHEMA: u32 = 1;

/// A count, and for matrices that may have a low rank what that saves.
#[derive(Debug, Serialize)]
struct Counted {
    schema: u32,
    set: &'static str,
    field: &'static str,
    rows: usize,
    columns: usize,
    rank: usize,
    parts: Vec<Line>,
    formula: String,
    total: u64,
    low_rank: Option<Saving>,
    #[serde(skip)]
    table: String,
}

#[derive(Debug, Serialize)]
struct Line {
    factor: &'static str,
    formula: String,
    count: u64,
}

/// The two factors of a matrix of low rank beside all its entries, and an update of that form.
#[derive(Debug, Serialize)]
struct Saving {
    storage: u64,
    dense_storage: u64,
    flops: u64,
    dense_flops: u64,
    break_even_rank: u64,
    update_flops: u64,
    merged_flops: u64,
}

/// Runs the command.
pub fn run(args: &ParamsArgs) -> Result<(), Fault> {
    let counted = Counted::new(args)?;
    if args.json { output::json(&counted) } else { output::text(&counted.page()) }
}

impl Counted {
    fn new(args: &ParamsArgs) -> Result<Self, Fault> {
        let (rows, columns) = (args.rows, args.cols.unwrap_or(args.rows));
        let field = if args.complex { Field::Complex } else { Field::Real };
        if args.set.is_square() && rows != columns {
            return Err(Fault::usage(format!(
                "expected as many columns as rows for {}, found --rows {rows} --cols {columns}",
                args.set.name()
            )));
        }
        if !args.set.has_rank()
            && let Some(rank) = args.rank
        {
            return Err(Fault::usage(format!("expected no --rank for {}, found --rank {rank}", args.set.name())));
        }
        let is_too_wide = match args.set {
            SetName::L | SetName::Q => columns > rows,
            SetName::U => rows > columns,
            _ => false,
        };
        if is_too_wide {
            let which = if args.set == SetName::U { "rows as columns" } else { "columns as rows" };
            return Err(Fault::usage(format!(
                "expected at most as many {which} for {}, found --rows {rows} --cols {columns}",
                args.set.name()
            )));
        }
        let rank = args.rank.unwrap_or(rows.min(columns));
        let refused = |error: lapwing::Error| Fault::usage(error);
        let count = count(args.set, (rows, columns, rank), field).map_err(refused)?;
        let low_rank = match args.set.is_any_matrix() {
            true => Some(Saving::new(LowRank::new(rows, columns, rank).map_err(refused)?)),
            false => None,
        };
        Ok(Counted {
            schema: SCHEMA,
            set: args.set.name(),
            field: if args.complex { "complex" } else { "real" },
            rows,
            columns,
            rank,
            parts: count
                .parts()
                .map(|part| Line { factor: part.factor(), formula: part.formula(), count: part.count() })
                .collect(),
            formula: count.formula(),
            total: count.total(),
            low_rank,
            table: count.to_string(),
        })
    }

    fn page(&self) -> String {
        let Counted { set, field, rows, columns, rank, .. } = self;
        let of_rank = if *rank < *rows.min(columns) { format!(" of rank {rank}") } else { String::new() };
        let unit = if *field == "complex" { ", counted in real numbers" } else { "" };
        let heading = format!("{set}, {rows}×{columns}{of_rank}, {field}: free parameters{unit}");
        let saving = self.low_rank.as_ref().map(|saving| format!("\n{}\n", saving.sentences(self)));
        format!("{heading}\n\n{}{}", self.table, saving.unwrap_or_default())
    }
}

impl Saving {
    fn new(form: LowRank) -> Self {
        let update = WeightUpdate::of(form);
        Saving {
            storage: form.storage(),
            dense_storage: form.dense_storage(),
            flops: form.flops(),
            dense_flops: form.dense_flops(),
            break_even_rank: form.break_even_rank(),
            update_flops: update.flops(),
            merged_flops: update.merged_flops(),
        }
    }

    fn sentences(&self, counted: &Counted) -> String {
        let Saving { storage, dense_storage, flops, dense_flops, break_even_rank, update_flops, merged_flops } = self;
        let (rows, columns, rank) = (counted.rows, counted.columns, counted.rank);
        let form = format!(
            "Two factors, {rows}×{rank} and {rank}×{columns}, store {storage} numbers and take {flops} flops for a product \
             with a vector; all entries are {dense_storage} and take {dense_flops}."
        );
        let least = match break_even_rank {
            0 => "No rank saves anything.".to_string(),
            most => format!("The factors save up to rank {most}."),
        };
        let update = format!(
            "As an update of a weight matrix they train {storage} numbers instead of {dense_storage}; a product takes \
             {update_flops} flops until they are added to it, {merged_flops} afterwards."
        );
        [form + " " + &least, update].map(|sentence| text::wrap(&sentence)).join("\n\n")
    }
}

fn count(set: SetName, (m, n, rank): (usize, usize, usize), field: Field) -> lapwing::Result<Count> {
    match set {
        SetName::L => params::unit_triangular(m, n, field),
        SetName::U => params::triangular(m, n, field),
        SetName::D => params::diagonal(n, field),
        SetName::Q => params::orthonormal(m, n, field),
        SetName::S => params::symmetric(n, rank, field),
        SetName::X => params::eigenvectors(n, rank, field),
        SetName::Lu => params::lu(m, n, rank, field),
        SetName::Ldu => params::ldu(m, n, rank, field),
        SetName::Qr => params::qr(m, n, rank, field),
        SetName::Svd => params::svd(m, n, rank, field),
        SetName::Polar => params::polar(m, n, rank, field),
        SetName::Eigen => params::eigen(n, rank, field),
        SetName::Spectral => params::spectral(n, rank, field),
        SetName::Cholesky => params::cholesky(n, rank, field),
    }
}
