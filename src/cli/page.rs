//! The command: a comparison as one page of HTML that needs nothing else, neither scripts nor styles nor fonts.
//!
//! Top floor. Says what `compare` prints, with both pictures; it must not compute. It is well-formed XML as well.

use super::compare;
use super::plot::canvas::{Figure, escaped};
use super::report::{MethodReport, Report};
use super::text::{self, or_none};

const STYLE: &str = "\
body{font:15px/1.45 'DejaVu Sans',Verdana,sans-serif;color:#222;background:#fff;max-width:920px;margin:2em auto;padding:0 1em}\
h1{font-size:1.3em}h2{font-size:1.05em;margin-top:1.8em}\
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px}\
th,td{padding:.25em .55em;border-bottom:1px solid #ddd;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
th{border-bottom:1px solid #666}.l{text-align:left}.w{white-space:normal}\
figure{margin:1em 0}svg{max-width:100%;height:auto}.note{color:#666;font-size:13px}";

/// The page.
pub fn page(report: &Report, figures: &[Figure]) -> String {
    let title =
        escaped(&format!("{}: {}×{}, rank {}", report.source, report.rows, report.columns, report.condition.rank));
    let verdict = escaped(&report.verdict.summary);
    let reasons = escaped(&compare::reasons(&report.verdict));
    let figures: String = figures.iter().map(|f| format!("<figure>\n{}</figure>\n", f.svg())).collect();
    format!(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n<p><strong>Verdict:</strong> {verdict}</p>\n<p>{reasons}</p>\n<h2>The problem</h2>\n{}\
         <h2>The methods</h2>\n{}{}<h2>Pictures</h2>\n{figures}<h2>The coefficients</h2>\n{}</body>\n</html>\n",
        facts(report),
        methods(report),
        notes(report),
        coefficients(report)
    )
}

/// A table whose first `left` columns are aligned left.
fn table(header: &[String], rows: &[Vec<String>], left: usize) -> String {
    let row = |cells: &[String], tag: &str| {
        let cell = |(i, cell): (usize, &String)| {
            let class = if i < left { " class=\"l\"" } else { "" };
            format!("<{tag}{class}>{}</{tag}>", escaped(cell))
        };
        format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
    };
    let body: String = rows.iter().map(|cells| row(cells, "td")).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead>{}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n",
        row(header, "th")
    )
}

fn facts(report: &Report) -> String {
    let row = |(name, value, meaning): (&str, String, &str)| {
        let value = escaped(&value);
        format!("<tr><td class=\"l\">{name}</td><td>{value}</td><td class=\"l w\">{meaning}</td></tr>\n")
    };
    format!(
        "<div class=\"wide\"><table>\n<tbody>\n{}</tbody>\n</table></div>\n",
        compare::facts_of(&report.condition).map(row).concat()
    )
}

fn methods(report: &Report) -> String {
    let header = [
        "method",
        "status",
        "digits",
        "agreement",
        "certain",
        "‖x̂ − x‖/‖x‖",
        "‖b − A x̂‖",
        "backward error",
        "error bound",
        "time",
    ];
    let row = |m: &MethodReport| {
        vec![
            m.name.to_string(),
            if m.coefficients.is_some() { m.status.to_string() } else { text::FAILS.to_string() },
            or_none(m.digits.map(text::digits)),
            or_none(m.agreement.as_ref().map(|a| text::digits(a.digits))),
            or_none(m.certain_digits.map(text::digits)),
            text::error(m.relative_error, m.relative_error_below),
            or_none(m.residual_norm.map(|r| format!("{r:.6e}"))),
            or_none(m.backward_error.map(text::exponent)),
            or_none(m.error_bound.map(text::exponent)),
            or_none(m.seconds.map(text::time)),
        ]
    };
    table(&header.map(String::from), &report.methods.iter().map(row).collect::<Vec<_>>(), 2)
}

/// What the columns mean, and why methods failed.
fn notes(report: &Report) -> String {
    let mut notes: Vec<String> = compare::reference(&report.reference).into_iter().collect();
    if report.reference.coefficients.is_some() {
        let kind = report.reference.kind;
        notes.push(format!(
            "digits: right digits of the worst coefficient that counts against the reference ({kind}), at most 15."
        ));
    }
    if let Some(agreement) = report.methods.iter().find_map(|m| m.agreement.as_ref()) {
        let with = agreement.with;
        notes.push(format!(
            "agreement: digits in common with {with}. Agreement is not accuracy: {with} may be as wrong."
        ));
    }
    if report.methods.iter().any(|m| m.certain_digits.is_some()) {
        let certain =
            "certain: digits that a bound proves of the worst coefficient that counts; error bound: of ‖x̂ − x‖/‖x‖.";
        notes.push(certain.to_string() + &compare::not_counted(&report.verdict).unwrap_or_default());
    }
    let failures = report.methods.iter().filter_map(|m| Some(format!("{} fails: {}.", m.name, m.message.as_ref()?)));
    notes.extend(failures);
    notes.iter().map(|note| format!("<p class=\"note\">{}</p>\n", escaped(note))).collect()
}

/// All coefficients, by each method and by the reference, where there is one.
fn coefficients(report: &Report) -> String {
    let answers: Vec<(&str, &Vec<f64>)> =
        report.methods.iter().filter_map(|m| Some((m.name, m.coefficients.as_ref()?))).collect();
    let reference = report.reference.coefficients.as_ref();
    let mut header = vec!["coefficient".to_string()];
    header.extend(answers.iter().map(|(name, _)| name.to_string()));
    header.extend(reference.map(|_| report.reference.kind.to_string()));
    let row = |(i, name): (usize, &String)| {
        let mut row = vec![name.clone()];
        row.extend(answers.iter().map(|(_, x)| or_none(x.get(i).map(|&x| text::coefficient(x)))));
        row.extend(reference.map(|x| or_none(x.get(i).cloned())));
        row
    };
    table(&header, &report.column_names.iter().enumerate().map(row).collect::<Vec<_>>(), 1)
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use roxmltree::{Document, ParsingOptions};

    use super::*;
    use crate::cli::args::MethodName;
    use crate::cli::comparison::{Known, compare};
    use crate::cli::plot;
    use crate::cli::printed::Data;
    use crate::cli::problem::Problem;

    #[test]
    fn a_page_is_well_formed_and_needs_nothing_else() {
        let problem = Problem {
            source: "<a> & \"b\".csv".into(),
            names: vec!["(intercept)".into(), "x<y>&z".into()],
            a: array![[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]],
            b: array![1.0, 2.0, 5.0],
        };
        let report = compare(&problem, &Data::stored(&problem), &[MethodName::Ne, MethodName::Qr], Known::none(None))
            .expect("a good problem");
        let page = page(&report, &[plot::fit::figure(&problem, &report), plot::digits::figure(&report)]);
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document = Document::parse_with_options(&page, options).expect("it is well formed");
        let count = |name: &str| document.descendants().filter(|n| n.tag_name().name() == name).count();
        assert_eq!([count("figure"), count("table"), count("script"), count("link"), count("img")], [2, 3, 0, 0, 0]);
        let elsewhere = |n: roxmltree::Node<'_, '_>| n.attributes().any(|a| matches!(a.name(), "href" | "src"));
        assert!(!document.descendants().any(elsewhere) && !page.contains("url("));
        let texts: Vec<&str> = document.descendants().filter_map(|n| n.text()).collect();
        for expected in ["<a> & \"b\".csv: 3×2, rank 2", "x<y>&z", "ne", "qr"] {
            assert!(texts.contains(&expected), "{expected}");
        }
    }
}
