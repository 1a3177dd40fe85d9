#!/usr/bin/env node
console.log("hcp stub", process.argv.slice(2));
