/** All kinds of files that are read. Several sources may read the same file. */
import type { PortSource } from '../source.ts';
import { bundlerConfig } from './bundler-config.ts';
import { compose } from './compose.ts';
import { devcontainer } from './devcontainer.ts';
import { django } from './django.ts';
import { envFiles } from './env.ts';
import { kubernetes } from './kubernetes.ts';
import { launchSettings } from './launch-settings.ts';
import { markdown } from './markdown.ts';
import { nginx } from './nginx.ts';
import { packageJson } from './package-json.ts';
import { procfile } from './procfile.ts';
import { prometheus } from './prometheus.ts';

export const SOURCES: readonly PortSource[] = [
  packageJson,
  procfile,
  envFiles,
  compose,
  kubernetes,
  bundlerConfig,
  nginx,
  django,
  markdown,
  prometheus,
  launchSettings,
  devcontainer,
];
