import { cases } from '../cases/arithmetic.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
