import { cases } from '../cases/linear.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
