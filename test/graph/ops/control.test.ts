import { cases } from '../cases/control.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
