output "dns_name" {
  description = "Where the host of baseUrl points."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "For an alias record in Route 53."
  value       = aws_lb.this.zone_id
}

output "broker_security_group_id" {
  value = aws_security_group.broker.id
}

output "task_role_arn" {
  description = "The broker's own identity, for trust policies of the mode assume-role."
  value       = aws_iam_role.task.arn
}
