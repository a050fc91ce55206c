//! Text in columns.

use std::io;

use clap::builder::styling::Style;

use super::output::{BOLD, Output, styled};

/// What a column is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Text, which begins at its left edge.
    Text(&'static str),
    /// A number, which ends at its right edge.
    Number(&'static str),
    /// A number that another run of the same would not have: left out where only results count.
    Clock(&'static str),
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Column::Text(title) | Column::Number(title) | Column::Clock(title) => title,
        }
    }
}

/// Rows of cells under titles. The last cell of a row may have a style.
pub(super) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<([String; N], Style)>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(columns: [Column; N]) -> Table<N> {
        let titles = columns.map(|column| column.title().to_string());
        Table {
            columns,
            rows: vec![(titles, BOLD)],
        }
    }

    pub(super) fn row(&mut self, cells: [String; N], style: Style) {
        self.rows.push((cells, style));
    }

    /// Prints the columns that have something to say.
    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        let is_shown = |column: &usize| {
            let by_the_clock = matches!(self.columns[*column], Column::Clock(_));
            let has_cells = self
                .rows
                .iter()
                .skip(1)
                .any(|(cells, _)| !cells[*column].is_empty());
            has_cells && !(by_the_clock && output.is_quiet())
        };
        let shown: Vec<usize> = (0..N).filter(is_shown).collect();
        let widths: Vec<usize> = shown.iter().map(|column| self.width(*column)).collect();
        for (number, (cells, style)) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, width) in shown.iter().zip(&widths) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                let cell = &cells[*column];
                let gap = " ".repeat(width - cell.chars().count());
                let is_last = *column == N - 1;
                let cell = if number == 0 || (is_last && !cell.is_empty()) {
                    styled(*style, cell)
                } else {
                    cell.clone()
                };
                match self.columns[*column] {
                    Column::Text(_) => line.extend([cell, gap]),
                    Column::Number(_) | Column::Clock(_) => line.extend([gap, cell]),
                }
            }
            output.line(format_args!("{}", line.trim_end()))?;
        }
        Ok(())
    }

    fn width(&self, column: usize) -> usize {
        let widths = self
            .rows
            .iter()
            .map(|(cells, _)| cells[column].chars().count());
        widths.max().unwrap_or(0)
    }
}
