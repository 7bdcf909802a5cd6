// Dashed lines for sigma, which has none: what is inferred must not look like what papers show.
import { createEdgeArrowHeadProgram, createEdgeCompoundProgram, EdgeProgram, type ProgramInfo } from "sigma/rendering";
import type { EdgeDisplayData, NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import { DASH } from "./shapes.ts";

const VERTEX = `
attribute vec2 a_from;
attribute vec2 a_to;
attribute float a_width;
attribute vec4 a_color;
attribute vec4 a_id;
attribute float a_end;
attribute float a_side;
uniform mat3 u_matrix;
uniform vec2 u_half;
varying vec4 v_color;
varying float v_along;
void main() {
  vec2 from = (u_matrix * vec3(a_from, 1)).xy;
  vec2 to = (u_matrix * vec3(a_to, 1)).xy;
  vec2 way = (to - from) * u_half;
  float far = max(length(way), 0.001);
  vec2 across = vec2(-way.y, way.x) / far;
  gl_Position = vec4(mix(from, to, a_end) + across * a_side * a_width / u_half, 0, 1);
  v_along = far * a_end;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0;
}`;

const FRAGMENT = `
precision highp float;
varying vec4 v_color;
varying float v_along;
void main() {
  if (mod(v_along, ${DASH.period.toFixed(1)}) > ${DASH.drawn.toFixed(1)}) discard;
  gl_FragColor = v_color;
}`;

type Uniform = "u_matrix" | "u_half";
const { FLOAT, UNSIGNED_BYTE, TRIANGLES } = { FLOAT: 0x1406, UNSIGNED_BYTE: 0x1401, TRIANGLES: 0x0004 };

/** A straight dashed line whose dashes keep their length on the screen at every zoom. */
export class DashedLine extends EdgeProgram<Uniform> {
  override getDefinition() {
    return {
      VERTICES: 6,
      VERTEX_SHADER_SOURCE: VERTEX,
      FRAGMENT_SHADER_SOURCE: FRAGMENT,
      METHOD: TRIANGLES as WebGLRenderingContext["TRIANGLES"],
      UNIFORMS: ["u_matrix", "u_half"] as const,
      ATTRIBUTES: [
        { name: "a_from", size: 2, type: FLOAT },
        { name: "a_to", size: 2, type: FLOAT },
        { name: "a_width", size: 1, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [
        { name: "a_end", size: 1, type: FLOAT },
        { name: "a_side", size: 1, type: FLOAT },
      ],
      CONSTANT_DATA: [
        [0, 1],
        [0, -1],
        [1, 1],
        [1, 1],
        [0, -1],
        [1, -1],
      ],
    };
  }

  override processVisibleItem(index: number, start: number, from: NodeDisplayData, to: NodeDisplayData, data: EdgeDisplayData): void {
    this.array.set([from.x, from.y, to.x, to.y, Math.max(1, data.size), floatColor(data.color), index], start);
  }

  override setUniforms({ matrix, width, height }: RenderParams, { gl, uniformLocations }: ProgramInfo<Uniform>): void {
    gl.uniformMatrix3fv(uniformLocations.u_matrix, false, matrix);
    gl.uniform2f(uniformLocations.u_half, width / 2, height / 2);
  }
}

/** The same with a head, where there is room to tell who sells to whom. */
export const DashedArrow = createEdgeCompoundProgram([DashedLine, createEdgeArrowHeadProgram()]);
