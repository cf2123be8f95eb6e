//! A picture that a device reads.

use std::fmt::Write as _;

use qrcode::{Color, QrCode};
use tessera_model::{Error, Result};
use zeroize::Zeroizing;

/// Clear squares around the code, as its standard asks.
const MARGIN: usize = 4;

/// A QR code as one path of an SVG.
pub(super) struct Picture {
    /// Squares of a side, with the margin.
    pub(super) side: usize,
    /// The path of the dark squares.
    pub(super) path: Zeroizing<String>,
}

/// Draws a text.
///
/// # Errors
/// For a text that is too long for any code.
pub(super) fn draw(text: &str) -> Result<Picture> {
    let code = QrCode::new(text).map_err(|error| Error::internal(format!("no QR code: {error}")))?;
    let mut path = Zeroizing::new(String::new());
    for (row, squares) in code.to_colors().chunks(code.width()).enumerate() {
        let mut column = 0;
        for run in squares.chunk_by(|one, other| one == other) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, width) = (column + MARGIN, row + MARGIN, run.len());
                write!(path, "M{x} {y}h{width}v1h-{width}z").map_err(Error::internal)?;
            }
            column += run.len();
        }
    }
    Ok(Picture { side: code.width() + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_a_code_are_where_they_must_be() {
        let picture = draw("otpauth://totp/example").unwrap();
        let inner = picture.side - 2 * MARGIN;
        assert_eq!((inner - 17) % 4, 0, "sizes go from 21 in steps of 4");
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", *picture.path);
        assert!(picture.path.contains(&format!("M{} 4h7v1h-7z", MARGIN + inner - 7)));
        assert!(draw(&"x".repeat(5000)).is_err());
    }
}
