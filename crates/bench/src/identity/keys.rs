//! Hashed keys of made-up contacts, in files: one file a rule, 8 bytes a contact, 0 for a missing key.
//!
//! The peer makes them when it is here, so that all measure the same; else [`make`] does, of the same shape.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Phone, e-mail, customer number, name with date of birth.
pub const RULES: u16 = 4;

/// One list a rule, one entry a contact.
pub type Keys = Vec<Vec<u64>>;

fn file(folder: &Path, rule: u16) -> PathBuf {
    folder.join(format!("k{rule}.u64"))
}

/// Whether the folder holds the keys of so many contacts.
pub fn are_there(folder: &Path, contacts: u64) -> bool {
    (0..RULES).all(|rule| std::fs::metadata(file(folder, rule)).is_ok_and(|data| data.len() == contacts * 8))
}

/// Reads in pieces: the peak is that of the keys, not that of the files beside them.
pub fn read(folder: &Path) -> std::io::Result<Keys> {
    (0..RULES).map(|rule| read_rule(&file(folder, rule))).collect()
}

fn read_rule(path: &Path) -> std::io::Result<Vec<u64>> {
    let mut file = File::open(path)?;
    let count = file.metadata()?.len() / 8;
    let mut keys = Vec::with_capacity(usize::try_from(count).map_err(std::io::Error::other)?);
    let mut piece = vec![0; 1 << 20];
    for _ in 0..count.div_ceil(1 << 17) {
        let left = keys.capacity().min(count as usize) - keys.len();
        let bytes = &mut piece[..(left * 8).min(1 << 20)];
        file.read_exact(bytes)?;
        let (words, _) = bytes.as_chunks::<8>();
        keys.extend(words.iter().map(|word| u64::from_le_bytes(*word)));
    }
    Ok(keys)
}

/// Makes and writes keys: 60 persons for 100 contacts, one person in ten with a phone of the family, one contact in 500 with
/// one of five phones that everybody has.
pub fn make(folder: &Path, contacts: u64) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for rule in 0..RULES {
        files.push(BufWriter::new(File::create(file(folder, rule))?));
    }
    let persons = (contacts * 6 / 10).max(1);
    for contact in 0..contacts {
        let person = mixed(contact, 0) % persons;
        let chance = |salt: u64, of_a_thousand: u64| mixed(contact, salt) % 1000 < of_a_thousand;
        let spelling = mixed(contact, 1) % 2;
        let own_phone = if person.is_multiple_of(10) { person / 20 } else { (1 << 40) + person * 2 + spelling };
        let common = (1 << 50) + mixed(contact, 2) % 5;
        let is_common = chance(3, 2);
        let phone = if is_common { Some(common) } else { chance(4, 700).then_some(own_phone) };
        let own_mail = chance(6, 600).then_some(person * 2 + spelling);
        let mail = if is_common && chance(5, 500) { Some(common) } else { own_mail };
        let number = chance(7, 300).then_some(person);
        let name = chance(8, 500).then_some(person);
        for (rule, (file, value)) in (0..).zip(files.iter_mut().zip([phone, mail, number, name])) {
            let hash = value.map_or(0, |value| mixed(value, 100 + rule).max(1));
            file.write_all(&hash.to_le_bytes())?;
        }
    }
    files.iter_mut().try_for_each(Write::flush)
}

/// A number that looks random and is the same in every run.
fn mixed(n: u64, salt: u64) -> u64 {
    let once = (n ^ salt << 56).wrapping_add(0x632B_E59B_D9B4_E019).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let twice = (once ^ once >> 32).wrapping_mul(0xAEF1_7502_108E_F2D9);
    twice ^ twice >> 29
}
