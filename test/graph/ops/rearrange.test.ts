import { cases } from '../cases/rearrange.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
