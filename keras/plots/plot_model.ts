/** Keras's plot_model: a picture of a model's layers, as SVG. */
import type * as dagre from '@dagrejs/dagre';
import type { LayersModel, Shape } from '@tensorflow/tfjs-layers';
import { MissingPackageError } from '../errors';
import { layerNodes, type LayerNode } from './graph';

/** Options of `plotModel`. */
export interface PlotModelOptions {
  /** Whether to show the shapes of inputs and outputs. Default: true. */
  readonly showShapes?: boolean;
  /** Top to bottom, or left to right. */
  readonly rankdir?: 'TB' | 'LR';
}

const LINE = 18;
const MARGIN = 12;
/** The mean width of a character of the font. */
const CHARACTER = 7.4;

/** Draws the layers, top to bottom; the text is a whole SVG file. */
export async function plotModel(model: LayersModel, options: PlotModelOptions = {}): Promise<string> {
  const { showShapes = true, rankdir = 'TB' } = options;
  const { Graph, layout } = await loadLayout();
  const graph = new Graph();
  graph.setGraph({ rankdir, nodesep: 24, ranksep: 32, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = layerNodes(model);
  const lines = new Map(nodes.map((node) => [node.name, textOf(node, showShapes)]));
  for (const [name, text] of lines) {
    const width = Math.max(...text.map(({ length }) => length)) * CHARACTER + 2 * MARGIN;
    graph.setNode(name, { width, height: text.length * LINE + MARGIN });
  }
  for (const { name, inputs } of nodes) for (const input of inputs) graph.setEdge(input, name);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const boxes = [...lines].map(([name, text]) => boxOf(graph.node(name) as Box, text));
  const edges = graph.edges().map((edge) => pathOf((graph.edge(edge) as { points: Point[] }).points));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${rounded(width)} ${rounded(height)}" width="${rounded(width)}" height="${rounded(height)}" font-family="monospace" font-size="12">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
${[...edges, ...boxes].join('\n')}
</svg>
`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

async function loadLayout(): Promise<Pick<typeof dagre, 'Graph' | 'layout'>> {
  try {
    return await import('@dagrejs/dagre');
  } catch (cause) {
    throw new MissingPackageError('@dagrejs/dagre', 'Drawing a model', cause);
  }
}

const shapeText = (shape: Shape): string => `(${shape.map((size) => size ?? 'None').join(', ')})`;

function textOf({ name, className, inputShape, outputShape }: LayerNode, showShapes: boolean): string[] {
  const shapes = [`input: ${shapeText(inputShape)}`, `output: ${shapeText(outputShape)}`];
  return [`${name}: ${className}`, ...(showShapes ? shapes : [])];
}

function boxOf({ x, y, width, height }: Box, lines: readonly string[]): string {
  const [left, top] = [x - width / 2, y - height / 2];
  const texts = lines.map((line, i) => {
    const at = top + MARGIN / 2 + LINE * (i + 0.7);
    return `<text x="${rounded(x)}" y="${rounded(at)}" text-anchor="middle">${escaped(line)}</text>`;
  });
  const box = `<rect x="${rounded(left)}" y="${rounded(top)}" width="${rounded(width)}" height="${rounded(height)}" rx="4" fill="#eef3fb" stroke="#345"/>`;
  return `<g>${box}${texts.join('')}</g>`;
}

const pathOf = (points: readonly Point[]): string =>
  `<path d="M${points.map(({ x, y }) => `${rounded(x)} ${rounded(y)}`).join('L')}" fill="none" stroke="#345" marker-end="url(#arrow)"/>`;

const rounded = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
