import { Entrance } from "@/components/auth/entrance";

export default function HomePage() {
  return <Entrance />;
}
