variable "name" {
  description = "Name of everything this module creates."
  type        = string
  default     = "rolegate"
}

variable "image" {
  description = "The image of the broker, by digest: REGISTRY/rolegate@sha256:..."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest (@sha256:...): a tag can be moved."
  }
}

variable "configuration" {
  description = "The text of rolegate.yaml. It must listen on 0.0.0.0:8080, have operations on 0.0.0.0:8083, find keys and secrets in ../keys and ../secrets, and trust the subnets of the balancer (see README.md). At most 30,000 characters: a task definition has 64 KB."
  type        = string
  validation {
    condition     = length(var.configuration) <= 30000
    error_message = "The configuration does not fit into a task definition: put accounts and rules into the image, or use Kubernetes."
  }
}

variable "files" {
  description = "Files below /etc/rolegate that come from Secrets Manager or SSM, by ARN: { \"keys/aws.key\" = \"arn:...\", \"secrets/session-secret\" = \"arn:...\" }."
  type        = map(string)
  validation {
    condition     = alltrue([for path in keys(var.files) : can(regex("^(keys|secrets)/[a-z0-9.-]+$", path))])
    error_message = "Each path is keys/NAME or secrets/NAME, in lower case."
  }
}

variable "secrets_kms_key_arns" {
  description = "Customer-managed KMS keys that encrypt these secrets; none for the keys of AWS."
  type        = list(string)
  default     = []
}

variable "vpc_id" {
  type = string
}

variable "public_subnet_ids" {
  description = "Of the balancer; at least two zones. Their networks belong in listen.trustProxy."
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Of the brokers; they need a way to the identity provider, STS and the sign-in endpoint on port 443."
  type        = list(string)
}

variable "internal" {
  description = "Whether the balancer has private addresses only."
  type        = bool
  default     = true
}

variable "client_cidrs" {
  description = "Networks from which people sign in."
  type        = list(string)
}

variable "certificate_arn" {
  description = "ACM certificate of the host of baseUrl."
  type        = string
}

variable "redis_security_group_id" {
  description = "Security group of Redis; the module lets the brokers in on redis_port."
  type        = string
}

variable "redis_port" {
  type    = number
  default = 6379
}

variable "cpu" {
  description = "CPU units of a task; one process uses one core."
  type        = number
  default     = 1024
}

variable "memory" {
  type    = number
  default = 2048
}

variable "min_tasks" {
  type    = number
  default = 2
  validation {
    condition     = var.min_tasks >= 2
    error_message = "Two tasks at least, in two zones."
  }
}

variable "max_tasks" {
  type    = number
  default = 10
}

variable "log_retention_days" {
  description = "Of the log group, which has the audit trail too when audit.type is stdout."
  type        = number
  default     = 400
}

variable "task_policy_json" {
  description = "What the broker itself may do at AWS: nothing in the mode mint; sts:AssumeRole in the mode assume-role."
  type        = string
  default     = null
}

variable "tags" {
  type    = map(string)
  default = {}
}
