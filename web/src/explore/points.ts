// Points for sigma with a shape for each kind of node.
import { NodePointProgram } from "sigma/rendering";
import { SHAPES, type Shape } from "./shapes.ts";

const POINT_VERTEX = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
uniform float u_sizeRatio;
uniform float u_pixelRatio;
uniform mat3 u_matrix;
varying vec4 v_color;
varying float v_shape;
varying float v_soft;
void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  gl_PointSize = a_size / u_sizeRatio * u_pixelRatio * 2.0;
  v_soft = 2.0 / max(gl_PointSize, 1.0);
  v_shape = a_shape;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0;
}`;

// The shapes of shapes.ts, by number: how far a spot lies outside of each. Any of them is picked as a disc.
const POINT_FRAGMENT = `
precision mediump float;
varying vec4 v_color;
varying float v_shape;
varying float v_soft;
void main(void) {
  vec2 p = (gl_PointCoord - vec2(0.5)) * 2.0;
  float out_ = length(p) - 1.0;
  #ifdef PICKING_MODE
  gl_FragColor = out_ > 0.0 ? vec4(0.0) : v_color;
  #else
  if (v_shape > 3.5) out_ = max(abs(p.x), abs(p.y)) - 0.85;
  else if (v_shape > 2.5) out_ = (abs(p.x) + abs(p.y) - 1.0) * 0.7;
  else if (v_shape > 1.5) out_ = min(length(p - vec2(0.0, -0.52)) - 0.44, max(length(p - vec2(0.0, 0.9)) - 0.82, p.y - 0.9));
  else if (v_shape > 0.5) out_ = abs(length(p) - 0.72) - 0.26;
  gl_FragColor = mix(v_color, vec4(0.0), smoothstep(-v_soft, 0.0, out_));
  #endif
}`;

type Program = NodePointProgram;
type PointDefinition = ReturnType<Program["getDefinition"]>;

/** Points, not instanced triangles: without a GPU those cost milliseconds by the hundred. */
export class ShapedPoint extends NodePointProgram {
  override getDefinition(): PointDefinition {
    const base = super.getDefinition();
    return { ...base, VERTEX_SHADER_SOURCE: POINT_VERTEX, FRAGMENT_SHADER_SOURCE: POINT_FRAGMENT, ATTRIBUTES: [...base.ATTRIBUTES, { name: "a_shape", size: 1, type: WebGLRenderingContext.FLOAT }] };
  }
  override processVisibleItem(index: number, start: number, data: Parameters<Program["processVisibleItem"]>[2]): void {
    super.processVisibleItem(index, start, data);
    this.array[start + 5] = SHAPES.indexOf((data as unknown as { shape?: Shape }).shape ?? "disc");
  }
}
