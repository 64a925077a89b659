import { cases } from '../cases/rounding.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
