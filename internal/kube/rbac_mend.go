package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// mendRole adds the rights that a Role lacks.
func mendRole(there, want *rbacv1.Role) (changed bool, err error) {
	missing := uncovered(there.Rules, want.Rules)
	there.Rules = append(there.Rules, missing...)
	return len(missing) > 0, nil
}

// mendBinding adds the account to a RoleBinding. What it binds cannot be changed.
func mendBinding(there, want *rbacv1.RoleBinding) (changed bool, err error) {
	if there.RoleRef != want.RoleRef {
		return false, fmt.Errorf("RoleBinding %s binds %s %s instead of %s: delete it", there.Name, there.RoleRef.Kind, there.RoleRef.Name, want.RoleRef.Name)
	}
	for _, subject := range want.Subjects {
		if !slices.Contains(there.Subjects, subject) {
			there.Subjects = append(there.Subjects, subject)
			changed = true
		}
	}
	return changed, nil
}

// mendAccount has nothing to add: an account is a name.
func mendAccount(_, _ *corev1.ServiceAccount) (changed bool, err error) { return false, nil }

// uncovered returns the part of the wanted rules that the given ones do not grant.
func uncovered(have, want []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var missing []rbacv1.PolicyRule
	for _, rule := range want {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range namesIn(rule) {
					granted := func(verb string) bool { return grants(have, group, resource, verb, name) }
					if verbs := slices.DeleteFunc(slices.Clone(rule.Verbs), granted); len(verbs) > 0 {
						missing = append(missing, ruleOn(group, resource, name, verbs))
					}
				}
			}
		}
	}
	return missing
}

func ruleOn(group, resource, name string, verbs []string) rbacv1.PolicyRule {
	r := rule(group, resource, verbs...)
	if name != "" {
		r.ResourceNames = []string{name}
	}
	return r
}

// namesIn returns the names of the objects that a rule is about; one that is empty stands for all.
func namesIn(rule rbacv1.PolicyRule) []string {
	if len(rule.ResourceNames) == 0 {
		return []string{""}
	}
	return rule.ResourceNames
}

// grants tells whether one of the rules grants the verb on an object of the resource; on every one if the name is empty.
func grants(rules []rbacv1.PolicyRule, group, resource, verb, name string) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return (len(r.ResourceNames) == 0 || name != "" && slices.Contains(r.ResourceNames, name)) &&
			names(r.APIGroups, group) && names(r.Resources, resource) && names(r.Verbs, verb)
	})
}

// names tells whether a list of a policy rule has the name, or the star that stands for all.
func names(list []string, name string) bool {
	return slices.Contains(list, name) || slices.Contains(list, rbacv1.ResourceAll)
}
