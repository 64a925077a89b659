import { cases } from '../cases/convolution.js';
import { testCases } from '../operatorCase.js';

testCases(cases);
