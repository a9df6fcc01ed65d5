//! What a file is, by its bytes. Pictures are decoded within limits and written anew: no metadata, no polyglots (T7).

use crate::{Refusal, Result};
use bytes::Bytes;
use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Pixels of a picture at most (security statement 25).
const MAX_PIXELS: u64 = 50_000_000;

pub(super) struct Checked {
    pub bytes: Bytes,
    pub mime: String,
    pub size: Option<(u32, u32)>,
}

pub(super) fn check(bytes: Bytes) -> Result<Checked> {
    let Some(format) = picture_format(&bytes) else {
        let mime = infer::get(&bytes).map_or("application/octet-stream", |kind| kind.mime_type());
        return Ok(Checked { mime: safe_type(mime).to_owned(), bytes, size: None });
    };
    let size = ImageReader::with_format(Cursor::new(&bytes), format).into_dimensions();
    let Ok((width, height)) = size else { return Ok(as_plain_file(bytes)) };
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::invalid("file", "too_many_pixels", "at most 50 megapixels"));
    }
    if format == ImageFormat::Gif {
        // An animation is kept as it is; it is shown only inside <img>, where nothing in it can run.
        return Ok(Checked { bytes, mime: "image/gif".into(), size: Some((width, height)) });
    }
    let Some((bytes, mime)) = written_anew(&bytes, format) else { return Ok(as_plain_file(bytes)) };
    Ok(Checked { bytes, mime: mime.to_owned(), size: Some((width, height)) })
}

fn picture_format(bytes: &[u8]) -> Option<ImageFormat> {
    let format = image::guess_format(bytes).ok()?;
    matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP).then_some(format)
}

fn written_anew(bytes: &[u8], format: ImageFormat) -> Option<(Bytes, &'static str)> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(512 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let (target, mime) =
        if format == ImageFormat::Jpeg { (ImageFormat::Jpeg, "image/jpeg") } else { (ImageFormat::Png, "image/png") };
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, target).ok()?;
    Some((out.into_inner().into(), mime))
}

/// What only pretends to be a picture is a file to save, never to show.
fn as_plain_file(bytes: Bytes) -> Checked {
    Checked { bytes, mime: "application/octet-stream".into(), size: None }
}

/// Types a browser would run are served as plain bytes.
fn safe_type(mime: &str) -> &str {
    let is_active =
        ["text/html", "image/svg+xml", "text/xml", "application/xml", "application/javascript"].contains(&mime);
    if is_active { "application/octet-stream" } else { mime }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn bytes_after_a_picture_are_lost() {
        let mut polyglot = png(3, 2);
        polyglot.extend_from_slice(b"<script>alert(1)</script>");
        let checked = check(polyglot.into()).unwrap();
        assert_eq!((checked.mime.as_str(), checked.size), ("image/png", Some((3, 2))));
        assert!(!checked.bytes.windows(8).any(|w| w == b"<script>"));
    }

    #[test]
    fn html_and_a_broken_picture_are_plain_files() {
        assert_eq!(
            check(Bytes::from_static(b"<!doctype html><script>1</script>")).unwrap().mime,
            "application/octet-stream"
        );
        let mut broken = png(3, 2);
        broken.truncate(20);
        assert_eq!(check(broken.into()).unwrap().mime, "application/octet-stream");
    }

    #[test]
    fn a_pixel_flood_is_refused_from_its_header() {
        let mut flood = png(1, 1);
        flood[16..20].copy_from_slice(&50_000u32.to_be_bytes());
        flood[20..24].copy_from_slice(&50_000u32.to_be_bytes());
        let crc = crc32(&flood[12..29]);
        flood[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(matches!(check(flood.into()), Err(Refusal::Invalid(_))));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
        })
    }
}
