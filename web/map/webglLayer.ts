/** Draws the items as round points with WebGL: the isometry is applied on the graphics card. It draws nothing else. */
import type { Points } from '../data/points.js';
import { fitCanvas, type PointLayer, pointSize } from './pointLayer.js';
import { diskRadius, type View, type Viewport } from './view.js';

const VERTEX = `
attribute vec2 place; attribute vec4 colour;
uniform vec4 map; uniform vec2 half_; uniform float radius_, size;
varying lowp vec4 paint;
void main() {
  vec2 n = vec2(map.x * place.x - map.y * place.y, map.x * place.y + map.y * place.x) + map.zw;
  vec2 d = vec2(dot(map.zw, place) + map.x, map.z * place.y - map.w * place.x - map.y);
  vec2 z = vec2(dot(n, d), n.y * d.x - n.x * d.y) / dot(d, d);
  gl_Position = dot(place, place) > 1. ? vec4(2., 2., 2., 1.) : vec4(z * radius_ / half_, 0., 1.);
  gl_PointSize = size * (0.4 + 0.6 * max(0., 1. - dot(z, z)));
  paint = colour;
}`;
const FRAGMENT = `
precision mediump float;
varying lowp vec4 paint;
void main() {
  vec2 c = gl_PointCoord - 0.5;
  float a = paint.a * (1. - smoothstep(0.17, 0.25, dot(c, c)));
  gl_FragColor = vec4(paint.rgb * a, a);
}`;

/** A coordinate outside the disk, for items that are not shown: graphics cards differ in what they do with NaN. */
const OUTSIDE = 9;

/** A layer on a canvas; `onRestored` is called when a lost graphics card is back. Throws Error where there is no WebGL. */
export function webglLayer(canvas: HTMLCanvasElement, points: Points, onRestored: () => void): PointLayer {
  const gl = canvas.getContext('webgl', {
    alpha: true,
    antialias: false,
    depth: false,
    powerPreference: 'high-performance',
  });
  if (!gl) throw new Error('This browser offers no WebGL.');
  let colours: Uint8Array = new Uint8Array(4 * points.ids.length);
  let program = buildProgram(gl, points);
  const listening = new AbortController();
  const { signal } = listening;
  canvas.addEventListener('webglcontextlost', (event) => event.preventDefault(), { signal });
  const restore = () => {
    program = buildProgram(gl, points);
    program.writeColours(colours);
    onRestored();
  };
  canvas.addEventListener('webglcontextrestored', restore, { signal });
  return {
    setColours(next) {
      colours = next;
      program.writeColours(next);
    },
    setPlaces: () => program.writePlaces(),
    draw(view, viewport) {
      const ratio = fitCanvas(canvas, viewport);
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clear(gl.COLOR_BUFFER_BIT);
      program.draw(view, viewport, ratio);
    },
    destroy() {
      listening.abort();
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

/** The shaders as a program of the graphics card. Throws Error when the card does not take them. */
function linkProgram(gl: WebGLRenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`The points cannot be drawn: ${gl.getProgramInfoLog(program)}`);
  return program;
}

/** The program with its buffers, and what writes and draws them. */
function buildProgram(gl: WebGLRenderingContext, { x, y }: Points) {
  const program = linkProgram(gl);
  gl.useProgram(program);
  const attribute = (name: string, size: number, type: number, bytes: number) => {
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.DYNAMIC_DRAW);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, type === gl.UNSIGNED_BYTE, 0, 0);
    return buffer;
  };
  const placeBuffer = attribute('place', 2, gl.FLOAT, 8 * x.length);
  const colourBuffer = attribute('colour', 4, gl.UNSIGNED_BYTE, 4 * x.length);
  const at = (name: string) => gl.getUniformLocation(program, name);
  const [map, half, radius, size] = [at('map'), at('half_'), at('radius_'), at('size')];
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const places = new Float32Array(2 * x.length);
  const writePlaces = () => {
    for (let i = 0; i < x.length; i++) {
      const isKnown = !Number.isNaN(x[i]);
      places[2 * i] = isKnown ? x[i] : OUTSIDE;
      places[2 * i + 1] = isKnown ? y[i] : OUTSIDE;
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, placeBuffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, places);
  };
  writePlaces();
  return {
    writePlaces,
    writeColours(colours: Uint8Array) {
      gl.bindBuffer(gl.ARRAY_BUFFER, colourBuffer);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, colours as Uint8Array<ArrayBuffer>);
    },
    draw(view: View, viewport: Viewport, ratio: number) {
      const { ax, ay, bx, by } = view.isometry;
      gl.uniform4f(map, ax, ay, bx, by);
      gl.uniform2f(half, viewport.width / 2, viewport.height / 2);
      gl.uniform1f(radius, diskRadius(view, viewport));
      gl.uniform1f(size, pointSize(x.length, view.scale) * ratio);
      gl.drawArrays(gl.POINTS, 0, x.length);
    },
  };
}

/** Whether the browser offers WebGL and a graphics card draws it. */
export function hasGraphicsCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return false;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}
