import { cases } from '../cases/reduce.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
