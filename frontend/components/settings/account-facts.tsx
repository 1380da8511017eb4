import Link from "next/link";

import { Badge } from "@/components/ui/badge";
import type { User } from "@/lib/api/types";
import { date } from "@/lib/format";
import { paths } from "@/lib/paths";

import { Section, sectionStyles as styles } from "./section";
import { SignInWays } from "./sign-in-ways";

export function AccountFacts({ user }: { user: User }) {
  return (
    <Section title="Account" lead="How you log in.">
      <div className={styles.body}>
        <dl className={styles.facts}>
          <div>
            <dt>E-mail</dt>
            <dd>
              {user.email}
              <Badge tone={user.email_verified ? "success" : "neutral"}>
                {user.email_verified ? "Confirmed" : "Not confirmed"}
              </Badge>
              {!user.email_verified && <Link href={paths.verifyEmail()}>Confirm it</Link>}
            </dd>
          </div>
          <div>
            <dt>Member since</dt>
            <dd>{date(user.created_at)}</dd>
          </div>
        </dl>
      </div>
      <SignInWays user={user} />
    </Section>
  );
}
