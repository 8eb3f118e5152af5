# Who talks to whom: people to the balancer, the balancer to the brokers, the brokers to Redis and to port 443.
resource "aws_security_group" "balancer" {
  name_prefix = "${var.name}-balancer-"
  description = "Balancer of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group" "broker" {
  name_prefix = "${var.name}-broker-"
  description = "Brokers of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "people" {
  for_each = { for pair in setproduct(var.client_cidrs, [80, 443]) : "${pair[0]} ${pair[1]}" => { cidr = pair[0], port = pair[1] } }

  security_group_id = aws_security_group.balancer.id
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# Nothing but the balancer reaches a broker: the broker believes its subnets about addresses of clients.
resource "aws_vpc_security_group_ingress_rule" "balancer_to_broker" {
  for_each = toset(["8080", "8083"])

  security_group_id            = aws_security_group.broker.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.value)
  to_port                      = tonumber(each.value)
}

resource "aws_vpc_security_group_egress_rule" "balancer_to_broker" {
  for_each = toset(["8080", "8083"])

  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = aws_security_group.broker.id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.value)
  to_port                      = tonumber(each.value)
}

resource "aws_vpc_security_group_egress_rule" "broker_to_https" {
  security_group_id = aws_security_group.broker.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "broker_to_redis" {
  security_group_id            = aws_security_group.broker.id
  referenced_security_group_id = var.redis_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.redis_port
  to_port                      = var.redis_port
}

resource "aws_vpc_security_group_ingress_rule" "redis_from_broker" {
  security_group_id            = var.redis_security_group_id
  referenced_security_group_id = aws_security_group.broker.id
  ip_protocol                  = "tcp"
  from_port                    = var.redis_port
  to_port                      = var.redis_port
}
