// The page where a duration is chosen before credentials are issued.
import { offerUntilEvening } from './evening.js';

const form = document.querySelector('form.choose');
offerUntilEvening(form.elements.durationSeconds, form.dataset.until);
