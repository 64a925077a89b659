import { cases } from '../cases/resize.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
