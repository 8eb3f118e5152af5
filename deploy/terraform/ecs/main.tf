# The service: two containers of one image. `files` writes configuration and secrets into a volume of the task and ends;
# `broker` then runs with that volume read-only, since ECS hands secrets out as environment variables only.
data "aws_region" "current" {}

locals {
  # Environment variables cannot have slashes and dots in their names.
  variables = { for path, arn in var.files : "FILE_${upper(replace(path, "/[^a-z0-9]/", "_"))}" => { path = path, arn = arn } }

  # As root, in a task of which nothing else runs yet: the broker wants files that root owns and its group reads.
  write_files = <<-EOT
    const { chownSync, mkdirSync, writeFileSync } = require('node:fs');
    const put = (path, text) => {
      const file = '/etc/rolegate/' + path;
      mkdirSync(require('node:path').dirname(file), { recursive: true, mode: 0o755 });
      writeFileSync(file, text, { mode: 0o440 });
      chownSync(file, 0, 1000);
    };
    put('config/rolegate.yaml', process.env.CONFIGURATION);
    for (const [name, path] of Object.entries(JSON.parse(process.env.PATHS))) put(path, process.env[name]);
  EOT

  log_configuration = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.current.name
      awslogs-stream-prefix = var.name
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = var.tags
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  tags                     = var.tags

  volume {
    name = "etc"
  }

  container_definitions = jsonencode([
    {
      name                   = "files"
      image                  = var.image
      essential              = false
      user                   = "0:0"
      readonlyRootFilesystem = true
      entryPoint             = ["node", "-e", local.write_files]
      command                = []
      environment = [
        { name = "CONFIGURATION", value = var.configuration },
        { name = "PATHS", value = jsonencode({ for name, file in local.variables : name => file.path }) },
      ]
      secrets          = [for name, file in local.variables : { name = name, valueFrom = file.arn }]
      mountPoints      = [{ sourceVolume = "etc", containerPath = "/etc/rolegate", readOnly = false }]
      logConfiguration = local.log_configuration
    },
    {
      name                   = "broker"
      image                  = var.image
      essential              = true
      user                   = "1000:1000"
      readonlyRootFilesystem = true
      linuxParameters        = { capabilities = { drop = ["ALL"] } }
      command                = ["start", "--config", "/etc/rolegate/config/rolegate.yaml"]
      dependsOn              = [{ containerName = "files", condition = "SUCCESS" }]
      portMappings = [
        { containerPort = 8080, protocol = "tcp" },
        { containerPort = 8083, protocol = "tcp" },
      ]
      mountPoints = [{ sourceVolume = "etc", containerPath = "/etc/rolegate", readOnly = true }]
      # ECS does not read the image's HEALTHCHECK.
      healthCheck = {
        command     = ["CMD", "node", "-e", "fetch('http://127.0.0.1:8083/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
        interval    = 15
        timeout     = 5
        retries     = 3
        startPeriod = 15
      }
      stopTimeout      = 30
      logConfiguration = local.log_configuration
    },
  ])
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.this.arn
  launch_type                        = "FARGATE"
  desired_count                      = var.min_tasks
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 30
  propagate_tags                     = "SERVICE"
  tags                               = var.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [aws_security_group.broker.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "broker"
    container_port   = 8080
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling decides
  }

  depends_on = [aws_lb_listener.https]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_tasks
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value      = 70
    scale_in_cooldown = 600
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
