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
				granted := func(verb string) bool { return grants(have, group, resource, verb) }
				if verbs := slices.DeleteFunc(slices.Clone(rule.Verbs), granted); len(verbs) > 0 {
					missing = append(missing, rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs})
				}
			}
		}
	}
	return missing
}

// grants tells whether one of the rules grants the verb on every object of the resource.
func grants(rules []rbacv1.PolicyRule, group, resource, verb string) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return len(r.ResourceNames) == 0 &&
			names(r.APIGroups, group) && names(r.Resources, resource) && names(r.Verbs, verb)
	})
}

// names tells whether a list of a policy rule has the name, or the star that stands for all.
func names(list []string, name string) bool {
	return slices.Contains(list, name) || slices.Contains(list, rbacv1.ResourceAll)
}
