// Tabs whose open one stands in the address.
import { type ReactNode, useEffect, useRef } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";

export interface Sheet {
  id: string;
  title: string;
  children: ReactNode;
}

export function Tabs({ label, sheets, open, onOpen }: { label: string; sheets: readonly Sheet[]; open: string; onOpen: (id: string) => void }) {
  const list = useRef<HTMLDivElement>(null);
  // On a telephone the row is moved sideways: what is open is seen.
  useEffect(() => {
    // The row is built in a second pass of its own: a frame later it stands.
    const asked = requestAnimationFrame(() => {
      const tab = list.current?.querySelector<HTMLElement>("[aria-selected=true]");
      if (tab) list.current?.scrollTo({ left: tab.offsetLeft - list.current.offsetLeft - 48 });
    });
    return () => cancelAnimationFrame(asked);
  }, [open]);
  return (
    <AriaTabs className="sheets" selectedKey={open} onSelectionChange={(key) => onOpen(String(key))}>
      <TabList ref={list} aria-label={label} className="sheettabs">
        {sheets.map((sheet) => (
          <Tab key={sheet.id} id={sheet.id} className="sheettab">
            {sheet.title}
          </Tab>
        ))}
      </TabList>
      {sheets.map((sheet) => (
        <TabPanel key={sheet.id} id={sheet.id} className="sheet">
          {sheet.children}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
