// What a reader sees where a page fails in itself: that it did, and a way on; never a white window.
import { Component, type ReactNode } from "react";
import { useSettings } from "../settings.ts";

function Broken({ error }: { error: Error }) {
  const { t } = useSettings();
  return (
    <main id="content" className="page" tabIndex={-1}>
      <h1>{t("failed")}</h1>
      <div className="state failed" role="alert">
        <p>{t("broken")}</p>
        <p>
          <code>{error.message.slice(0, 200)}</code>
        </p>
        <button type="button" onClick={() => location.reload()}>
          {t("again")}
        </button>
      </div>
    </main>
  );
}

/** `at`: where the reader is; going elsewhere tries anew. */
export class Boundary extends Component<{ at: string; children: ReactNode }, { error: Error | null; at: string }> {
  override state = { error: null as Error | null, at: this.props.at };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: { at: string }, state: { at: string }): { error: null; at: string } | null {
    return props.at === state.at ? null : { error: null, at: props.at };
  }

  override render(): ReactNode {
    return this.state.error ? <Broken error={this.state.error} /> : this.props.children;
  }
}
