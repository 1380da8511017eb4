import type { NextConfig } from "next";

const development = process.env.NODE_ENV !== "production";

const config: NextConfig = {
  basePath: "/app",
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  agentRules: false,
  turbopack: { root: process.cwd() },
  ...(development
    ? { redirects: async () => [{ source: "/", destination: "/app/", basePath: false, permanent: false }] }
    : { output: "export" }),
};

export default config;
