import { cases } from '../cases/logic.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
