//! A GIF without what is none of its picture: comments, other programs' data, and whatever follows its end. Its frames are copied as they
//! are, so an animation stays one (GIF89a, sections 15-27).

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
const GRAPHIC_CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;
/// Applications whose data says how often an animation is repeated.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// The bare picture; none when no whole frame can be found.
pub(super) fn bare(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { bytes, at: 0, kept: Vec::with_capacity(bytes.len()) };
    reader.keep(6)?;
    let packed = *bytes.get(10)?;
    reader.keep(7 + color_table(packed))?;
    let mut frames = 0;
    loop {
        match reader.peek() {
            Some(EXTENSION) => reader.extension()?,
            Some(IMAGE) => {
                let before = reader.kept.len();
                if reader.frame().is_none() {
                    // The last frame is cut off: viewers show what there is before it.
                    reader.kept.truncate(before);
                    break;
                }
                frames += 1;
            }
            _ => break,
        }
    }
    reader.kept.push(TRAILER);
    (frames > 0).then_some(reader.kept)
}

fn color_table(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    kept: Vec<u8>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn keep(&mut self, count: usize) -> Option<()> {
        let piece = self.bytes.get(self.at..self.at + count)?;
        self.kept.extend_from_slice(piece);
        self.at += count;
        Some(())
    }

    /// Descriptor, colours, and the picture's data.
    fn frame(&mut self) -> Option<()> {
        let packed = *self.bytes.get(self.at + 9)?;
        self.keep(10 + color_table(packed) + 1)?;
        self.blocks()
    }

    /// What says how frames follow each other stays; the rest is passed over.
    fn extension(&mut self) -> Option<()> {
        let (label, data) = (*self.bytes.get(self.at + 1)?, self.at + 3);
        let is_loop = label == APPLICATION && LOOPS.contains(&self.bytes.get(data..data + 11)?);
        let before = self.kept.len();
        self.keep(2)?;
        self.blocks()?;
        if !is_loop && label != GRAPHIC_CONTROL {
            self.kept.truncate(before);
        }
        Some(())
    }

    /// Blocks of data up to the empty one.
    fn blocks(&mut self) -> Option<()> {
        loop {
            let length = usize::from(self.peek()?);
            self.keep(1 + length)?;
            if length == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
    use image::{AnimationDecoder, Frame, RgbaImage};
    use std::io::Cursor;

    fn animation() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        encoder.set_repeat(Repeat::Infinite).unwrap();
        for shade in [0, 128, 255] {
            let frame = RgbaImage::from_pixel(4, 3, image::Rgba([shade, 0, 0, 255]));
            encoder.encode_frame(Frame::new(frame)).unwrap();
        }
        drop(encoder);
        bytes
    }

    fn frames(bytes: &[u8]) -> usize {
        GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames().collect_frames().unwrap().len()
    }

    #[test]
    fn an_animation_stays_one_and_loses_comments_and_what_follows_it() {
        let clean = animation();
        assert_eq!(bare(&clean).unwrap(), clean);
        let mut dirty = clean.clone();
        let place = dirty.iter().position(|byte| *byte == EXTENSION).unwrap();
        let secret = b"<script>alert(1)</script>";
        let mut comment = vec![EXTENSION, 0xfe, u8::try_from(secret.len()).unwrap()];
        comment.extend_from_slice(secret);
        comment.push(0);
        dirty.splice(place..place, comment);
        dirty.extend_from_slice(secret);
        let bare = bare(&dirty).unwrap();
        assert_eq!((bare == clean, frames(&bare)), (true, 3));
    }

    #[test]
    fn what_only_begins_as_a_gif_is_none() {
        assert_eq!(bare(b"GIF89a/*<script>*/=1;alert(1)"), None);
        let whole = animation();
        for cut in 0..whole.len() {
            if let Some(bare) = bare(&whole[..cut]) {
                assert!(frames(&bare) >= 1, "cut at {cut}");
            }
        }
    }
}
