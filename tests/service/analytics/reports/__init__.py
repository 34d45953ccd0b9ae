"""Reports and exports, through their routes, timers and jobs."""
