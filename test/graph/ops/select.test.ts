import { cases } from '../cases/select.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
