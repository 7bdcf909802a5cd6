// The documents behind one link: every invoice with its lines, and the papers it was read from.
import { type Enterprise, type InvoiceLine, type Paper, type Proof, type Warning, where } from "../api.ts";
import { usePages, useAnswer } from "../answer.ts";
import { count, decimal, MISSING, money, rate, unitName } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading, More } from "../parts/states.tsx";
import { Tag } from "../parts/tag.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { term } from "../words.ts";

function Lines({ lines }: { lines: InvoiceLine[] }) {
  const { t, lang } = useSettings();
  if (!lines.length) return <p className="hint">{t("no_lines")}</p>;
  return (
    <table className="rows lines">
      <thead>
        <tr>
          <th scope="col">{t("quantity")}</th>
          <th scope="col" className="number">
            {t("price")}
          </th>
          <th scope="col" className="number">
            {t("amount_yuan")}
          </th>
          <th scope="col" className="number">
            {t("rate")}
          </th>
        </tr>
      </thead>
      {lines.map((line, at) => (
        <tbody key={at}>
          <tr>
            <th scope="rowgroup" colSpan={4}>
              <Printed>{line.item ?? MISSING}</Printed>
            </th>
          </tr>
          <tr>
            <td className="number">
              {decimal(line.quantity)} <Printed>{line.unit}</Printed>
            </td>
            <td className="number">{decimal(line.price)}</td>
            <td className={(line.amount_fen ?? 0) < 0 ? "number negative" : "number"}>{money(line.amount_fen, lang, "one")}</td>
            <td className="number">{rate(line.rate)}</td>
          </tr>
        </tbody>
      ))}
    </table>
  );
}

/** What one document says of the invoice, told where the documents differ. */
function Said({ paper }: { paper: Paper }) {
  const { t, lang } = useSettings();
  const said = [
    paper.amount_fen !== undefined && paper.amount_fen !== null && t("doc_amount", { amount: money(paper.amount_fen, lang, "one") }),
    paper.total_fen !== undefined && paper.total_fen !== null && t("doc_total", { amount: money(paper.total_fen, lang, "one") }),
    paper.status && term(lang, paper.status),
  ].filter(Boolean);
  return said.length ? <div className="said">{said.join(" · ")}</div> : null;
}

function Warnings({ warnings }: { warnings: Warning[] }) {
  const { t } = useSettings();
  if (!warnings.length) return null;
  return (
    <ul className="warnings" aria-label={t("warnings")}>
      {warnings.map((warning, at) => (
        <li key={`${warning.code} ${at}`}>{warning.message}</li>
      ))}
    </ul>
  );
}

function Papers({ papers, apart }: { papers: Paper[]; apart: boolean }) {
  const { t } = useSettings();
  return (
    <ul className="papers">
      {papers.map((paper) => (
        <li key={`${paper.id} ${paper.row ?? ""}`}>
          <span className="hint">{t("source")}</span> <Printed>{paper.name}</Printed>
          {paper.row !== null && paper.row > 0 && <span className="hint"> · {t("row", { n: count(paper.row) })}</span>}{" "}
          <a href={where.original(paper.id)} download aria-label={t("original_of", { name: paper.name })}>
            {t("original")}
          </a>
          {apart && <Said paper={paper} />}
        </li>
      ))}
    </ul>
  );
}

function Invoice({ proof }: { proof: Proof }) {
  const { t, lang } = useSettings();
  const figure = (fen: number | null) => <dd className={(fen ?? 0) < 0 ? "negative" : undefined}>{money(fen, lang, "one")}</dd>;
  return (
    <li className="invoice">
      <p className="head">
        <time dateTime={proof.happened_on ?? undefined}>{proof.happened_on ?? MISSING}</time> <code>{proof.number ?? MISSING}</code>
        {proof.status === "red" && <Tag word="red" kind="red" />}
        {proof.status === "void" && <Tag word="void" />}
        {proof.disagrees && <Tag word="disagree" kind="warn" why="disagree_why" />}
        {proof.kind_text && <span className="hint">{proof.kind_text}</span>}
      </p>
      <dl className="sums">
        <div>
          <dt>{t("amount", { unit: unitName(lang, "one") })}</dt>
          {figure(proof.amount_fen)}
        </div>
        <div>
          <dt>{t("tax_unit", { unit: unitName(lang, "one") })}</dt>
          {figure(proof.tax_fen)}
        </div>
        <div>
          <dt>{t("total_unit", { unit: unitName(lang, "one") })}</dt>
          {figure(proof.total_fen)}
        </div>
      </dl>
      <Lines lines={proof.lines} />
      <Papers papers={proof.documents} apart={proof.disagrees === true} />
      <Warnings warnings={proof.warnings ?? []} />
    </li>
  );
}

export function ProofsPanel({ place, id, partner }: { place: Place; id: string; partner: string }) {
  const { t } = useSettings();
  const side = place.side ?? "customers";
  const one = useAnswer<Enterprise>(where.enterprise(id));
  const other = useAnswer<Enterprise>(where.enterprise(partner));
  const { data, failure, again, more, moreState } = usePages<Proof>((cursor) => where.evidence(id, partner, side, cursor));
  const names = { one: one.data?.name ?? id, other: other.data?.name ?? partner };
  const [seller, buyer] = side === "customers" ? [names.one, names.other] : [names.other, names.one];
  return (
    <>
      <PanelHeading>{t("evidence_title", { seller, buyer })}</PanelHeading>
      <p className="tags">
        <Link to={{ ...place, enterprise: partner, partner: undefined, side: undefined }}>{names.other} →</Link>
      </p>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data && !data.items.length && <Empty>{t("empty_proofs")}</Empty>}
      {data && data.items.length > 0 && (
        <>
          <p className="hint">{t("evidence_lead", { n: count(data.total) })}</p>
          <ul className="invoices">
            {data.items.map((proof) => (
              <Invoice key={proof.fact} proof={proof} />
            ))}
          </ul>
          <More shown={data.items.length} total={data.total} more={more} state={moreState} />
        </>
      )}
    </>
  );
}
