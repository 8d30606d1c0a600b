/** The yardstick: @fastify/http-proxy as it comes, without a policy. Argument: the upstream's URL. */
import type { AddressInfo } from 'node:net';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { serveUsage } from './worker.ts';

const app = fastify();
await app.register(httpProxy, { upstream: process.argv[2] ?? '' });
await app.listen({ host: '127.0.0.1', port: 0 });
serveUsage((app.server.address() as AddressInfo).port);
