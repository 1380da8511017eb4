import vitals from "eslint-config-next/core-web-vitals";
import typescript from "eslint-config-next/typescript";

const config = [
  { ignores: [".next/", "out/", "next-env.d.ts", "lib/api/schema.d.ts"] },
  ...vitals,
  ...typescript,
  {
    rules: {
      "react/no-danger": "error",
      // A style attribute is refused by the Content-Security-Policy that the server sends.
      "react/forbid-dom-props": ["error", { forbid: ["style"] }],
      // Logos are data: URIs from the API; there is nothing to optimise.
      "@next/next/no-img-element": "off",
    },
  },
];

export default config;
