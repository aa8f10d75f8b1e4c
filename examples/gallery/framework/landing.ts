/** The landing page's script: the theme. */
import { followTheme } from './theme';

followTheme();
