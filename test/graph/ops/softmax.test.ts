import { cases } from '../cases/softmax.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
