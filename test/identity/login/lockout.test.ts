import { describeLockout } from '../../contract/lockout.ts';
import { onEveryStore } from '../../fixtures/every-store.ts';

onEveryStore(describeLockout);
