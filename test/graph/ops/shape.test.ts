import { cases } from '../cases/shape.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
