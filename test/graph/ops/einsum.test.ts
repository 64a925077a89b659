import { cases } from '../cases/einsum.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
