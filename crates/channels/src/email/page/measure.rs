//! How much there is to clean. A page is read through once without being kept, a piece at a time, so that one that was made to take hours or
//! gigabytes is put aside after a moment: a few words of HTML stand for thousands of elements where tags are left open.

use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, QualName, local_name, ns};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Longer pages nobody wrote by hand.
const LONGEST: usize = 2 * 1024 * 1024;
const MOST_NODES: usize = 100_000;
const DEEPEST: u32 = 1_000;
const LONGEST_TIME: Duration = Duration::from_secs(2);
/// Looked at between two pieces.
const PIECE: usize = 8 * 1024;
/// Bytes of text that are moved: each piece of a text is put to those before it, which are moved for it, and every reference is a piece.
const MOST_MOVED: usize = 384 * 1024 * 1024;

/// A page that is too much to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page of this letter is too long or too deep")]
pub struct TooMuch;

/// Reads a page through.
pub fn measure(html: &str) -> Result<(), TooMuch> {
    if html.len() > LONGEST {
        return Err(TooMuch);
    }
    let begun = Instant::now();
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let sink = Sink::default();
    let count = sink.count.clone();
    let mut parser = html5ever::parse_fragment(sink, html5ever::ParseOpts::default(), context, Vec::new(), false);
    let mut rest = html;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(PIECE);
        let (piece, after) = rest.split_at(end);
        parser.process(StrTendril::from(piece));
        rest = after;
        let is_large = count.nodes.get() > MOST_NODES || count.moved.get() > MOST_MOVED;
        if is_large || count.deepest.get() > DEEPEST || begun.elapsed() > LONGEST_TIME {
            return Err(TooMuch);
        }
    }
    Ok(())
}

#[derive(Default)]
struct Count {
    nodes: Cell<usize>,
    deepest: Cell<u32>,
    /// Bytes of the text that is being put together, within its element and before a table.
    text: Cell<usize>,
    fostered: Cell<usize>,
    moved: Cell<usize>,
}

struct Node {
    name: QualName,
    depth: Cell<u32>,
    /// What a template holds.
    within: OnceCell<Handle>,
}

type Handle = Rc<Node>;

struct Sink {
    document: Handle,
    count: Rc<Count>,
}

impl Default for Sink {
    fn default() -> Self {
        Self { document: node(QualName::new(None, ns!(), local_name!(""))), count: Rc::default() }
    }
}

fn node(name: QualName) -> Handle {
    Rc::new(Node { name, depth: Cell::new(0), within: OnceCell::new() })
}

impl Sink {
    fn made(&self, name: QualName) -> Handle {
        self.count.nodes.set(self.count.nodes.get() + 1);
        node(name)
    }

    fn put(&self, child: &NodeOrText<Handle>, depth: u32) {
        match child {
            NodeOrText::AppendNode(child) => {
                child.depth.set(depth);
                self.count.deepest.set(self.count.deepest.get().max(depth));
                self.count.text.set(0);
            }
            NodeOrText::AppendText(text) => self.say(&self.count.text, text.len()),
        }
    }

    /// What lands before a table gathers there, whatever comes between.
    fn foster(&self, child: &NodeOrText<Handle>, depth: u32) {
        match child {
            NodeOrText::AppendNode(_) => self.put(child, depth),
            NodeOrText::AppendText(text) => self.say(&self.count.fostered, text.len()),
        }
    }

    fn say(&self, run: &Cell<usize>, length: usize) {
        run.set(run.get() + length);
        self.count.moved.set(self.count.moved.get().saturating_add(run.get()));
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = ();
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) {}

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.document.clone()
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, _attributes: Vec<Attribute>, _flags: ElementFlags) -> Handle {
        self.made(name)
    }

    fn create_comment(&self, _text: StrTendril) -> Handle {
        self.made(QualName::new(None, ns!(), local_name!("")))
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Handle {
        self.made(QualName::new(None, ns!(), local_name!("")))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(&child, parent.depth.get() + 1);
    }

    fn append_based_on_parent_node(&self, element: &Handle, before: &Handle, child: NodeOrText<Handle>) {
        self.foster(&child, element.depth.get().max(before.depth.get()) + 1);
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        self.foster(&child, sibling.depth.get());
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let within = target.within.get_or_init(|| self.made(QualName::new(None, ns!(), local_name!(""))));
        within.depth.set(target.depth.get());
        within.clone()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        Rc::ptr_eq(one, other)
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn add_attrs_if_missing(&self, _target: &Handle, _attributes: Vec<Attribute>) {}

    fn remove_from_parent(&self, _target: &Handle) {}

    fn reparent_children(&self, _node: &Handle, _new_parent: &Handle) {}
}
