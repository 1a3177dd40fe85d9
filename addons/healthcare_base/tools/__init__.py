# Part of the Healthcare Procurement Suite. See LICENSE file for full licensing details.
