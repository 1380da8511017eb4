import { useId, type ReactNode, type Ref } from "react";

import { Card } from "@/components/ui/card";

import styles from "./section.module.css";

interface SectionProps {
  title: string;
  lead: string;
  action?: ReactNode;
  /** The heading, for whoever must put the focus somewhere. */
  heading?: Ref<HTMLHeadingElement>;
  children: ReactNode;
}

/** A card of the settings: what it is about, and below it what there is. */
export function Section({ title, lead, action, heading, children }: SectionProps) {
  const id = useId();
  return (
    <Card labelledBy={id}>
      <header className={styles.header}>
        <div>
          <h2 id={id} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <p>{lead}</p>
        </div>
        {action}
      </header>
      {children}
    </Card>
  );
}

export const sectionStyles = styles;
