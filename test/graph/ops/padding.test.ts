import { cases } from '../cases/padding.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
