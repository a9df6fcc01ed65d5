import type { BlockType, Edge, FlowDocument, Launch, Point, SettingsOf } from '../document';
import type { NewBlock } from '../commands';
import { addBlock } from '../commands';
import { emptyDocument } from '../document';

/** Lays a template down block by block: columns and rows instead of pixels. */
export class Builder {
  private document: FlowDocument = { ...emptyDocument(), settings: { on_operator: 'stop' } };

  block<Type extends BlockType>(
    type: Type,
    [column, row]: Point,
    settings: SettingsOf[Type],
    title?: string,
  ): string {
    const pos: Point = [256 + column * 336, 64 + row * 240];
    const { document, id } = addBlock(this.document, {
      type,
      ...(title && { title }),
      pos,
      settings,
    } as NewBlock);
    this.document = document;
    return id;
  }

  /** `ways` are exits of a block with the blocks that they lead to. */
  lead(block: string, ways: Record<string, string>): this {
    const edges = Object.entries(ways).map(([exit, to]): Edge => ({ from: [block, exit], to }));
    this.document = { ...this.document, edges: [...this.document.edges, ...edges] };
    return this;
  }

  build(launch: Launch[]): FlowDocument {
    return { ...this.document, launch };
  }
}
