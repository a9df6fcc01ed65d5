//! What a file is, by its bytes. Pictures are decoded within limits and written anew, the right way up: no metadata, no polyglots (T7).
//! What cannot be decoded here keeps its pixels and loses what tells of its owner.

use super::{gif, isobmff, tiff};
use crate::{Refusal, Result};
use bytes::Bytes;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Pixels of a picture at most (security statement 25).
const MAX_PIXELS: u64 = 50_000_000;
/// Bytes of its pixels at most: fifty megapixels of three colours, of eight bits each. Turning a picture takes as much again.
const MAX_DECODED: u64 = 150_000_000;
/// So much of a file says what it is.
pub(super) const HEAD: usize = 64 * 1024;

pub(super) struct Checked {
    pub bytes: Bytes,
    pub mime: String,
    pub size: Option<(u32, u32)>,
}

/// Whether a file that begins so has to be looked at as a whole; else it is kept as it is, under this type.
pub(super) fn judge_head(head: &[u8]) -> Option<String> {
    let is_looked_into = picture_format(head).is_some() || isobmff::is_picture(head) || tiff::is_tiff(head);
    if is_looked_into {
        return None;
    }
    let mime = infer::get(head).map_or("application/octet-stream", |kind| kind.mime_type());
    Some(safe_type(mime).to_owned())
}

/// Looks at a picture as a whole.
pub(super) fn check(bytes: Bytes) -> Result<Checked> {
    let Some(format) = picture_format(&bytes) else {
        if let Some(checked) = without_metadata(&bytes) {
            return Ok(checked);
        }
        let mime = infer::get(&bytes).map_or("application/octet-stream", |kind| kind.mime_type());
        return Ok(Checked { mime: safe_type(mime).to_owned(), bytes, size: None });
    };
    let Ok(decoder) = ImageReader::with_format(Cursor::new(bytes.clone()), format).into_decoder() else {
        return Ok(as_plain_file(bytes));
    };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::invalid("file", "too_many_pixels", "at most 50 megapixels"));
    }
    if format == ImageFormat::Gif {
        // An animation is copied block by block; what is none of the picture stays behind.
        return Ok(match gif::bare(&bytes) {
            Some(bare) => Checked { bytes: bare.into(), mime: "image/gif".into(), size: Some((width, height)) },
            None => as_plain_file(bytes),
        });
    }
    if decoder.total_bytes() > MAX_DECODED {
        let words = "this picture is too large to be looked at: at most 50 megapixels of 24 bits, or 18 of 64";
        return Err(Refusal::invalid("file", "too_many_pixels", words));
    }
    let Some(picture) = decoded(decoder) else { return Ok(as_plain_file(bytes)) };
    let size = Some((picture.width(), picture.height()));
    let Some((anew, mime)) = written_anew(picture, format) else { return Ok(as_plain_file(bytes)) };
    Ok(Checked { bytes: anew, mime: mime.to_owned(), size })
}

/// Sides of a button's picture at most, in pixels: 32 on the page, of screens four times as fine.
const ICON: u32 = 128;

/// A picture of a button: small, as PNG, with its sides.
pub(super) fn icon(bytes: &Bytes) -> Result<(Bytes, (u32, u32))> {
    let none = || Refusal::invalid("file", "not_a_picture", "a picture in PNG, JPEG, GIF or WebP");
    let format = picture_format(bytes).ok_or_else(none)?;
    let decoder = ImageReader::with_format(Cursor::new(bytes.clone()), format).into_decoder().map_err(|_| none())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED {
        return Err(Refusal::invalid("file", "too_many_pixels", "this picture is too large to be looked at"));
    }
    let picture = decoded(decoder).ok_or_else(none)?;
    let is_small = picture.width() <= ICON && picture.height() <= ICON;
    let picture = if is_small { picture } else { picture.thumbnail(ICON, ICON) };
    let sides = (picture.width(), picture.height());
    let (png, _) = written_anew(picture, ImageFormat::Png).ok_or_else(none)?;
    Ok((png, sides))
}

fn picture_format(bytes: &[u8]) -> Option<ImageFormat> {
    let format = image::guess_format(bytes).ok()?;
    let is_read = matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP);
    is_read.then_some(format)
}

/// The picture as it is seen: phones store it lying, with a note how to turn it.
fn decoded(mut decoder: impl ImageDecoder) -> Option<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(2 * MAX_DECODED);
    decoder.set_limits(limits).ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

fn written_anew(picture: DynamicImage, format: ImageFormat) -> Option<(Bytes, &'static str)> {
    let (target, mime) =
        if format == ImageFormat::Jpeg { (ImageFormat::Jpeg, "image/jpeg") } else { (ImageFormat::Png, "image/png") };
    let picture = in_eight_bits(picture);
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, target).ok()?;
    Some((out.into_inner().into(), mime))
}

/// What screens show. Sixteen bits would be twice the memory here and twice the bytes for everybody who looks.
fn in_eight_bits(picture: DynamicImage) -> DynamicImage {
    use DynamicImage::{ImageLuma8, ImageLumaA8, ImageRgb8, ImageRgba8};
    match picture {
        ImageLuma8(_) | ImageLumaA8(_) | ImageRgb8(_) | ImageRgba8(_) => picture,
        DynamicImage::ImageLuma16(_) => ImageLuma8(picture.into_luma8()),
        DynamicImage::ImageLumaA16(_) => ImageLumaA8(picture.into_luma_alpha8()),
        other if other.color().has_alpha() => ImageRgba8(other.into_rgba8()),
        other => ImageRgb8(other.into_rgb8()),
    }
}

/// AVIF, HEIC and TIFF are not decoded here: the pixels stay, and what tells of the owner is wiped.
fn without_metadata(bytes: &[u8]) -> Option<Checked> {
    let (wiped, mime) = if tiff::is_tiff(bytes) { (tiff::wiped(bytes)?, "image/tiff") } else { isobmff::wiped(bytes)? };
    Some(Checked { bytes: wiped.into(), mime: mime.to_owned(), size: None })
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
        DynamicImage::new_rgb8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    /// A PNG that only says that it is so large, with this color type of so many bits.
    fn header(side: u32, bits: u8, color: u8) -> Bytes {
        let mut png = png(1, 1);
        png[16..20].copy_from_slice(&side.to_be_bytes());
        png[20..24].copy_from_slice(&side.to_be_bytes());
        (png[24], png[25]) = (bits, color);
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        png.into()
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
        })
    }

    /// A JPEG whose upper left corner is white, lying as phones store it: a note (orientation 6) says to turn it right.
    fn lying() -> Vec<u8> {
        let mut picture = image::RgbImage::new(40, 20);
        for (_, _, pixel) in image::imageops::crop(&mut picture, 0, 0, 8, 8).to_image().enumerate_pixels() {
            assert_eq!(pixel.0, [0, 0, 0]);
        }
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if x < 8 && y < 8 {
                *pixel = image::Rgb([255, 255, 255]);
            }
        }
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Jpeg).unwrap();
        let mut bytes = out.into_inner();
        let exif =
            [&b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"[..], b"55.7558 37.6173"]
                .concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        bytes.splice(2..2, [&[0xff, 0xe1][..], &length, &exif].concat());
        bytes
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
    fn a_photo_stands_upright_and_does_not_say_where_it_was_taken() {
        let checked = check(lying().into()).unwrap();
        assert_eq!((checked.mime.as_str(), checked.size), ("image/jpeg", Some((20, 40))));
        let shown = image::load_from_memory(&checked.bytes).unwrap().into_luma8();
        assert!(shown.get_pixel(17, 2).0[0] > 200 && shown.get_pixel(2, 2).0[0] < 60, "its corner is on the right");
        assert!(!checked.bytes.windows(7).any(|w| w == b"55.7558"));
    }

    #[test]
    fn html_and_a_broken_picture_are_plain_files() {
        let html = Bytes::from_static(b"<!doctype html><script>1</script>");
        assert_eq!(judge_head(&html).as_deref(), Some("application/octet-stream"));
        assert_eq!(check(html).unwrap().mime, "application/octet-stream");
        let mut broken = png(3, 2);
        broken.truncate(20);
        assert_eq!(check(broken.into()).unwrap().mime, "application/octet-stream");
        let polyglot = Bytes::from_static(b"GIF89a/*\0\0\0*/=1;alert(1)//");
        assert_eq!(check(polyglot).unwrap().mime, "application/octet-stream");
    }

    #[test]
    fn floods_of_pixels_and_of_bits_are_refused_from_their_header() {
        let code = |bytes| match check(bytes) {
            Err(Refusal::Invalid(problems)) => problems[0].code.clone(),
            Err(other) => panic!("{other}"),
            Ok(checked) => checked.mime,
        };
        assert_eq!(code(header(50_000, 8, 2)), "too_many_pixels");
        assert_eq!(code(header(7_000, 16, 6)), "too_many_pixels", "49 megapixels of 64 bits are 392 MB");
        assert_eq!(code(header(7_000, 8, 2)), "application/octet-stream", "so many may be, but there are none");
    }

    #[test]
    fn a_picture_of_a_button_is_small_and_nothing_else_is_one() {
        let (small, sides) = icon(&png(400, 200).into()).unwrap();
        assert_eq!((image::guess_format(&small).unwrap(), sides), (ImageFormat::Png, (128, 64)));
        assert_eq!(icon(&png(20, 30).into()).unwrap().1, (20, 30), "it is not made larger");
        let code = |bytes: Bytes| match icon(&bytes) {
            Err(Refusal::Invalid(problems)) => problems[0].code.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(code(Bytes::from_static(b"<svg xmlns='http://www.w3.org/2000/svg'/>")), "not_a_picture");
        let mut broken = png(3, 2);
        broken.truncate(30);
        assert_eq!(code(broken.into()), "not_a_picture");
        assert_eq!(code(header(50_000, 8, 2)), "too_many_pixels");
    }

    #[test]
    fn sixteen_bits_become_eight() {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgba16(2, 2).write_to(&mut out, ImageFormat::Png).unwrap();
        let checked = check(out.into_inner().into()).unwrap();
        assert_eq!(image::load_from_memory(&checked.bytes).unwrap().color(), image::ColorType::Rgba8);
    }
}
